import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Personal, Profile, Touch } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, day } from "../../format";
import { Channel } from "../../part/channel";
import { Facts } from "../../part/page";
import { Masked, StratumTag, useMaskText, useMoney, When } from "../../part/value";
import { useCan, useShop } from "../../session";
import { Consents } from "./consents";
import { useRegion } from "./region";

interface CardProps {
  profile: Profile;
  /** Personal values that somebody has asked to see. */
  shown: Personal | null;
}

/** Who somebody is. */
export function Card({ profile, shown }: CardProps) {
  const { t } = useTranslation();
  const region = useRegion();
  const maskText = useMaskText();
  const { customer: one, personal, visits } = profile;
  const name = (key: string) => t(`customer.${key}`);
  const field = (key: "name" | "birthday" | "address"): ReactNode => {
    const seen = shown?.[key];
    return seen ? <span className="revealed">{seen}</span> : <Masked value={personal[key]} />;
  };
  const traits = (shown ?? personal).traits.map(([key, value]): [string, ReactNode] => [
    String(key),
    value ? maskText(String(value)) : "–",
  ]);
  const gender =
    one.gender === "male" || one.gender === "female" ? name(`gender_${one.gender}`) : one.gender;
  return (
    <section aria-label={t("profile.card")}>
      <h2>{t("profile.card")}</h2>
      <Facts
        items={[
          [t("profile.name"), field("name")],
          [t("profile.birthday"), field("birthday")],
          [t("profile.address"), field("address")],
          [name("region"), region(one)],
          [name("gender"), gender ?? "–"],
          [name("age_band"), one.age_band ?? "–"],
          [name("channel"), <Channel name={one.channel} key="ch" />],
          [name("favourite_category"), one.favourite_category ?? "–"],
          [name("favourite_brand"), one.favourite_brand ?? "–"],
          ...traits,
        ]}
      />
      <Consents id={one.customer_id} all={profile.consents} />
      <Why profile={profile} />
      {visits && (
        <>
          <h3 className="card-part">{t("profile.touches")}</h3>
          <Facts
            items={[
              [
                t("profile.first_touch"),
                <TouchText touch={visits.first_touch} at={visits.first_at} key="f" />,
              ],
              [
                t("profile.last_touch"),
                <TouchText touch={visits.last_touch} at={visits.last_at} key="l" />,
              ],
            ]}
          />
        </>
      )}
    </section>
  );
}

function TouchText({ touch, at }: { touch: Touch; at: string }) {
  const { t } = useTranslation();
  const from = [touch.source, touch.medium, touch.campaign].filter(Boolean).join(" / ");
  return (
    <>
      {from || touch.referrer || t("profile.direct")}{" "}
      <span className="soft small">
        <When at={at} />
      </span>
    </>
  );
}

/** Why somebody is in a group: each measure, its score, and what the next score takes. */
function Why({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const can = useCan();
  const money = useMoney();
  const { time_zone: zone } = useShop();
  const one = profile.customer;
  const scored = one.r != null && one.f != null && one.m != null;
  const report = useApi("GET /rfm", {}, { enabled: scored && can("rfm.read") });
  if (!scored) return <p className="soft card-part">{t("profile.no_scores")}</p>;
  const last = one.last_paid_order_at;
  const lines = [
    { measure: "r" as const, score: one.r, value: last ? day(last, zone) : "–" },
    { measure: "f" as const, score: one.f, value: t("rfm.f_times", { count: one.paid_orders }) },
    { measure: "m" as const, score: one.m, value: money.round(one.net_minor) },
  ];
  const next = (measure: "r" | "f" | "m", score: number): string => {
    if (score >= 5) return t("profile.why_top");
    const cut = report.data?.cuts[measure][score - 1];
    if (cut === undefined) return "";
    const said =
      measure === "m"
        ? money.round(Number(cut))
        : measure === "f"
          ? t("rfm.f_times", { count: Number(cut) })
          : String(cut);
    return t("profile.why_next", { next: said });
  };
  return (
    <>
      <h3 className="card-part">
        {t("profile.why")} <StratumTag name={one.stratum} />
      </h3>
      <ul className="why">
        {lines.map(({ measure, score, value }) => (
          <li key={measure}>
            <span className="strong">
              {measure.toUpperCase()}
              {count(score ?? 1)}
            </span>{" "}
            {t(`profile.why_${measure}`, { value })}
            <span className="soft small"> {next(measure, score ?? 1)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
