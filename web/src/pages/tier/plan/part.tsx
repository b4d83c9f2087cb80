import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../../api/shape";
import { useApi } from "../../../api/hooks";
import { Guard } from "../../../part/confirm";
import { TagMark } from "../../tag/mark";
import { PlanForm } from "./form";
import { usePlanText } from "./say";
import { levelsOf } from "./terms";

/** How customers come to levels by what they do, and what levels bring. */
export function PlanPart({ tiers }: { tiers: Tier[] }) {
  const { t } = useTranslation();
  const { needs, benefits, rules } = usePlanText();
  const [open, setOpen] = useState(false);
  const { data: plan } = useApi("GET /tiers/plan");
  if (!plan) return null;
  const own = new Set(tiers.map((tier) => tier.tier_id));
  const set = (plan.levels ?? []).some((level) => own.has(String(level.tier)));
  return (
    <section aria-label={t("tier.plan.one")} className="card-part stack">
      <div className="row apart">
        <h2>{t("tier.plan.one")}</h2>
        <Guard may="benefits.write">
          <Button onClick={() => setOpen(true)}>{t(set ? "act.edit" : "tier.plan.begin")}</Button>
        </Guard>
      </div>
      {!set && <p className="soft">{t("tier.plan.empty")}</p>}
      {set && !plan.active && <p className="soft">{t("tier.plan.off_now")}</p>}
      {set && <p>{rules(plan)}</p>}
      {set && (
        <div className="scroll-x">
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{t("tier.one")}</th>
                <th scope="col">{t("tier.plan.takes")}</th>
                <th scope="col">{t("tier.plan.brings")}</th>
              </tr>
            </thead>
            <tbody>
              {levelsOf(plan, tiers).map((level, at) => (
                <tr key={level.tier}>
                  <td>
                    <TagMark name={tiers[at]?.name ?? ""} colour={tiers[at]?.colour ?? "grey"} />
                  </td>
                  <td>
                    {needs(level)}
                    {level.lifetime && (
                      <span className="soft small"> · {t("tier.plan.lifetime_short")}</span>
                    )}
                  </td>
                  <td>{benefits(level.benefits).join(" · ") || "—"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && <PlanForm before={plan} tiers={tiers} close={() => setOpen(false)} />}
    </section>
  );
}
