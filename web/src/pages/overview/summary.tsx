import { useTranslation } from "react-i18next";
import type { Kpi } from "../../api/draft";
import { change, count, share } from "../../format";
import { useLook } from "../../look";
import { useMoney } from "../../part/value";

/** The period in one sentence. */
export function Summary({ kpi }: { kpi: Kpi }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const money = useMoney();
  const { paid_minor: paid, buyers, new_buyers: fresh, spend_per_buyer_minor: spend } = kpi.figures;
  if (buyers === 0) return <p className="summary">{t("overview.summary_none")}</p>;
  const moved = change(paid, kpi.before.paid_minor);
  const turn = moved == null ? "new" : moved > 0.0005 ? "up" : moved < -0.0005 ? "down" : "flat";
  const first = t(`overview.summary_${turn}`, {
    paid: money.short(paid),
    change: share(Math.abs(moved ?? 0)),
  });
  const second = t("overview.summary_buyers", {
    count: buyers,
    fresh: count(fresh),
    spend: money.short(spend ?? 0),
  });
  return (
    <p className="summary">
      {first}
      {lang === "en" ? " " : ""}
      {second}
    </p>
  );
}
