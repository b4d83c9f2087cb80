import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import { useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { Section } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";
import type { Speaker } from "./sentence";
import { sentence } from "./sentence";

/** What a segment's conditions were, the latest first. */
export function Versions({ id, speaker }: { id: string; speaker: Speaker }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const versions = useApi("GET /segments/{segment_id}/versions", { path: { segment_id: id } });
  return (
    <Section title={t("segment.versions")}>
      <Asked query={versions} what={t("segment.versions")} skeleton={<RowsSkeleton rows={2} />}>
        {(all) => (
          <ul className="stack">
            {all.map((one) => (
              <li key={one.version}>
                <span className="soft small">
                  {one.version} · {actorName(one.author)} · <When at={one.made_at} as="minute" />
                </span>
                <div>{sentence(one.expr as unknown as RuleGroupType, speaker)}</div>
              </li>
            ))}
          </ul>
        )}
      </Asked>
    </Section>
  );
}
