import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { day } from "../../format";
import { useActorName } from "../../part/actor";
import { Guard } from "../../part/confirm";
import { When } from "../../part/value";
import { useCan, useShop } from "../../session";
import { TagMark } from "../tag/mark";
import { Give } from "../tier/give";
import { TierProgress } from "../tier/plan/progress";

/** Moves that are shown. */
const MOVES_SHOWN = 5;

/** Somebody's level, what gives it and how they came to it; who may gives another one. */
export function PersonLevel({ id }: { id: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const { time_zone: zone } = useShop();
  const actorName = useActorName();
  const own = useApi("GET /customers/{customer_id}/tier", { path: { customer_id: id } });
  const all = useApi("GET /tiers", {}, { enabled: can("benefits.read") });
  const [giving, setGiving] = useState<Tier | null>(null);
  const tiers = all.data ?? [];
  const { data } = own;
  if (!data || (tiers.length === 0 && !data.tier_id)) return null;
  const of = (tier: string | null) => tiers.find((one) => one.tier_id === tier);
  const name = (tier: string | null) =>
    tier === null ? t("tier.none") : (of(tier)?.name ?? t("tier.gone"));
  return (
    <section aria-label={t("tier.one")} className="card-part">
      <h2>{t("tier.one")}</h2>
      {data.name ? (
        <p>
          <TagMark name={data.name} colour={data.colour ?? "grey"} />
          {data.since && (
            <span className="soft small"> {t("tier.since", { day: day(data.since, zone) })}</span>
          )}
        </p>
      ) : (
        <p className="soft">{t("tier.none_here")}</p>
      )}
      <TierProgress own={data.progress} name={name} />
      {data.activities.length > 0 && (
        <p className="small">
          {t("tier.joined", { names: data.activities.map((one) => one.name).join(" · ") })}
        </p>
      )}
      {data.because.length > 0 && (
        <details>
          <summary>{t("tier.why")}</summary>
          <ul className="identities">
            {data.because.map((one, at) => (
              <li key={`${one.by} ${one.grant_id ?? one.name} ${at}`}>
                {t(`tier.by.${one.by}`, { name: one.name })} → {name(one.tier_id)}
                {one.exact ? ` · ${t("tier.fixed")}` : ""}
                <div className="small soft">
                  {one.actor && actorName(one.actor)}
                  {one.since && (
                    <>
                      {one.actor && " · "}
                      <When at={one.since} />
                    </>
                  )}
                  {one.last_day && (one.actor || one.since) && " · "}
                  {one.last_day && t("tier.until", { day: one.last_day })}
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
      {data.moves.length > 0 && (
        <details>
          <summary>{t("tier.history")}</summary>
          <ul className="identities">
            {data.moves.slice(0, MOVES_SHOWN).map((one) => (
              <li key={one.at}>
                {t("tier.moved", { from: name(one.from_id), to: name(one.to_id) })}
                <div className="small soft">
                  <When at={one.at} as="minute" />
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Guard may="benefits.write">
        <Select
          aria-label={t("tier.give")}
          placeholder={t("tier.give")}
          value={null}
          style={{ width: "100%" }}
          options={tiers.map((one) => ({ value: one.tier_id, label: one.name }))}
          onChange={(tier: string) => setGiving(of(tier) ?? null)}
        />
      </Guard>
      {giving && <Give tier={giving} customers={[id]} close={() => setGiving(null)} />}
    </section>
  );
}
