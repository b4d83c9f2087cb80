import { useTranslation } from "react-i18next";
import type { Kpi } from "../../api/shape";
import { Link } from "@tanstack/react-router";
import { useApi } from "../../api/hooks";
import { change, count, day, share, shiftDay } from "../../format";
import { useLook } from "../../look";
import { useMoney } from "../../part/value";
import { useShop } from "../../session";

/** Days that are offered in place of a period in which nothing happened. */
const DAYS_BACK = 30;

/** Says that nobody paid, and where the last days are in which somebody may have. */
function Nobody({ from }: { from: string }) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const { data } = useApi("GET /state");
  const at = [data?.last_event_at, data?.last_sold_at]
    .filter((one) => one != null)
    .sort()
    .at(-1);
  const last = at ? day(at, zone) : null;
  return (
    <p className="summary">
      {t("overview.summary_none")}{" "}
      {last && last < from && (
        <Link to="/" search={{ from: shiftDay(last, 1 - DAYS_BACK), to: last }}>
          {t("overview.summary_back", { day: last })}
        </Link>
      )}
    </p>
  );
}

/** The period in one sentence. */
export function Summary({ kpi }: { kpi: Kpi }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const money = useMoney();
  const { paid_minor: paid, buyers, new_buyers: fresh, spend_per_buyer_minor: spend } = kpi.figures;
  if (buyers === 0) return <Nobody from={kpi.from} />;
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
