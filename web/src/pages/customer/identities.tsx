import { say } from "../../part/say";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpName } from "../../api/client";
import type { Merge, Personal, Profile } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Asked, RowsSkeleton } from "../../part/state";
import { Money, useMaskText, When } from "../../part/value";
import { customerTitle } from "./columns";

/** What is read anew when two people became one, or one became two. */
export const CHANGED: OpName[] = [
  "GET /customers",
  "GET /customers/{customer_id}/profile",
  "GET /customers/{customer_id}/timeline",
  "GET /customers/{customer_id}/notes",
];

const NAMES = new Set([
  "taobao",
  "tmall",
  "jd",
  "pdd",
  "douyin",
  "shopify",
  "wechat_openid",
  "wechat_unionid",
  "phone",
  "email",
  "user",
  "anonymous",
  "device",
  "customer",
  "external",
  "card",
]);

/** What a kind of identifier is called; one that nobody here has a word for keeps its name. */
function useNamed() {
  const { t } = useTranslation();
  return (space: string) => (NAMES.has(space) ? t(`namespace.${space}`) : space);
}

interface IdentitiesProps {
  profile: Profile;
  shown: Personal | null;
}

/** The names that somebody goes by, and who they were joined from. */
export function Identities({ profile, shown }: IdentitiesProps) {
  const { t } = useTranslation();
  const named = useNamed();
  const maskText = useMaskText();
  const id = profile.customer.customer_id;
  const standing = profile.merges.filter((one) => one.into === id && !one.undone_at);
  const { identities } = shown ?? profile.personal;
  return (
    <section aria-label={t("profile.identities")} className="card-part">
      <h2>{t("profile.identities")}</h2>
      {identities.length === 0 && <p className="soft">–</p>}
      <ul className="identities">
        {identities.map((one, at) => (
          <li key={at}>
            <div className="row apart">
              <span className="soft nowrap">{named(one.namespace)}</span>
              <span className={shown && one.personal ? "clip revealed" : "clip"}>
                {one.value ? maskText(one.value) : "–"}
              </span>
            </div>
            <div className="small soft">{one.sources.join(", ")}</div>
          </li>
        ))}
      </ul>
      {standing.length > 0 && <Merges merges={standing} id={id} />}
    </section>
  );
}

/** What a parting would do: the two who would be there afterwards. */
function PartWhat({ id, other }: { id: string; other: string }) {
  const { t } = useTranslation();
  const maskText = useMaskText();
  const preview = useApi(
    "GET /customers/{customer_id}/unmerge",
    { path: { customer_id: id }, query: { with: other } },
    { retry: false },
  );
  return (
    <div className="stack wide">
      <p>{t("profile.part_what", { id: other })}</p>
      <Asked query={preview} what={t("profile.part_title")} skeleton={<RowsSkeleton rows={3} />}>
        {(data) => (
          <ul className="stack">
            {data.after.map(({ customer, personal }) => (
              <li key={customer.customer_id} className="sheet">
                <div className="row apart">
                  <strong>
                    {personal.name ? maskText(personal.name) : customerTitle(customer)}
                  </strong>
                  <Money minor={customer.net_minor} />
                </div>
                <div className="small soft">
                  {t("profile.part_orders", { count: customer.paid_orders })}
                  {personal.identities.length > 0 &&
                    ` · ${personal.identities
                      .map((one) => maskText(one.value ?? ""))
                      .filter(Boolean)
                      .join(", ")}`}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Asked>
    </div>
  );
}

function Merges({ merges, id }: { merges: Merge[]; id: string }) {
  const { t } = useTranslation();
  const named = useNamed();
  const actorName = useActorName();
  const [parting, setParting] = useState<Merge | null>(null);
  const unmerge = useAct("POST /customers/{customer_id}/unmerge", CHANGED);
  return (
    <>
      <h3 className="card-part">{t("profile.merges")}</h3>
      <ul className="identities">
        {merges.map((one) => (
          <li key={one.merge_id}>
            <div className="row apart">
              <span>{t("profile.merged", { id: one.from })}</span>
              <Guard may="customers.edit">
                <Button size="small" type="link" onClick={() => setParting(one)}>
                  {t("profile.part")}
                </Button>
              </Guard>
            </div>
            <div className="small soft">
              {one.actor ? actorName(one.actor) : t("profile.by_itself")} ·{" "}
              <When at={one.merged_at} />
              {one.reason.startsWith("link:") ? ` · ${named(one.reason.slice(5))}` : ""}
            </div>
          </li>
        ))}
      </ul>
      <ConfirmAct
        open={parting !== null}
        title={t("profile.part_title")}
        what={parting && <PartWhat id={id} other={parting.from} />}
        verb={t("profile.part")}
        onClose={() => setParting(null)}
        act={async () => {
          await unmerge.mutateAsync({
            path: { customer_id: id },
            body: { customer_id: parting?.from ?? "" },
          });
          say.success(t("profile.parted"));
        }}
      />
    </>
  );
}
