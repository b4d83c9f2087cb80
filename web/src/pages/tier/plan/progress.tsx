import { useTranslation } from "react-i18next";
import type { CustomerTier } from "../../../api/shape";
import { usePlanText } from "./say";

interface ProgressProps {
  own: CustomerTier["progress"];
  /** The name of a level. */
  name: (tier: string) => string;
}

/** What somebody's level brings, and what is missing to the next. */
export function TierProgress({ own, name }: ProgressProps) {
  const { t } = useTranslation();
  const { need, benefits } = usePlanText();
  const brings = benefits(own.benefits);
  const { next } = own;
  if (brings.length === 0 && !next) return null;
  return (
    <>
      {brings.length > 0 && <p className="small">{brings.join(" · ")}</p>}
      {next && (
        <div className="small">
          {t(next.all ? "tier.plan.next_all" : "tier.plan.next", { name: name(next.tier_id) })}
          <ul className="identities">
            {next.steps.map((step) => (
              <li key={step.need.kind}>{need(step.need, step.has)}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
