import { useTranslation } from "react-i18next";
import type { PlanForeseen, Tier } from "../../../api/shape";
import { count } from "../../../format";
import { useMoney } from "../../../part/value";

interface ForeseenProps {
  told: PlanForeseen;
  tiers: Tier[];
}

/** What a plan would do if it were set now, and what its levels would have cost in a year. */
export function Foreseen({ told, tiers }: ForeseenProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const name = (id: string) => tiers.find((tier) => tier.tier_id === id)?.name;
  const heads = ["people", "spent", "cost", "more_points"] as const;
  return (
    <div role="status" className="stack">
      <p>{t("tier.foreseen", { up: told.up, down: told.down, same: told.same })}</p>
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t("tier.one")}</th>
              {heads.map((head) => (
                <th key={head} scope="col" className="right">
                  {t(`tier.plan.${head}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {told.levels.map((level) => (
              <tr key={level.tier_id}>
                <td>{name(level.tier_id)}</td>
                <td className="right">
                  {t("tier.plan.before_after", { before: level.before, after: level.after })}
                </td>
                <td className="right">{money.full(level.spent_minor)}</td>
                <td className="right">{money.full(level.discount_minor)}</td>
                <td className="right">{count(level.points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft small">
        {t("tier.plan.cost_text", {
          money: money.full(told.discount_minor),
          points: count(told.points),
        })}
      </p>
    </div>
  );
}
