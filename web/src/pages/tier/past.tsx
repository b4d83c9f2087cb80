import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Asked, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";

/** What gave a level to people, and ending it. */
export function Past({ tier, close }: { tier: Tier; close: () => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const given = useApi("GET /tiers/{tier_id}/grants", { path: { tier_id: tier.tier_id } });
  const [ending, setEnding] = useState<string | null>(null);
  const end = useAct("POST /tiers/grants/{grant_id}/end", OF_MEMBERS);
  const chosen = given.data?.find((one) => one.grant_id === ending);
  return (
    <Drawer open onClose={close} size={560} title={t("tier.past_title", { name: tier.name })}>
      <Asked query={given} what={t("tier.past")} skeleton={<RowsSkeleton rows={4} />}>
        {(all) =>
          all.length === 0 ? (
            <p className="soft">{t("tier.no_past")}</p>
          ) : (
            <ul className="stack">
              {all.map((one) => (
                <li key={one.grant_id} className="row apart">
                  <span>
                    {one.reason} · {t("tier.given", { count: one.people })} ·{" "}
                    {t(`tag.by.${one.how}`)}
                    <span className="soft small" style={{ display: "block" }}>
                      {actorName(one.actor)} · <When at={one.at} as="minute" />
                      {one.exact ? ` · ${t("tier.exact")}` : ""}
                      {one.last_day ? ` · ${t("tier.until", { day: one.last_day })}` : ""}
                      {one.ended_at ? ` · ${t("tier.ended")}` : ""}
                    </span>
                  </span>
                  {!one.ended_at && (
                    <Guard may="benefits.write">
                      <Button size="small" onClick={() => setEnding(one.grant_id)}>
                        {t("tier.end")}
                      </Button>
                    </Guard>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
      <ConfirmAct
        open={ending !== null}
        title={t("tier.end")}
        what={t("tier.end_what", { count: chosen?.people ?? 0 })}
        verb={t("tier.end")}
        act={() => end.mutateAsync({ path: { grant_id: ending ?? "" } })}
        onClose={() => setEnding(null)}
      />
    </Drawer>
  );
}
