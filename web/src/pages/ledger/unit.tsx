import { useTranslation } from "react-i18next";
import type { UnitName } from "../../api/shape";
import { count } from "../../format";
import { useMoney } from "../../part/value";

/** How an amount of a unit is written: stored value is money, the others are counted. */
export function useAmount() {
  const money = useMoney();
  return (unit: UnitName, amount: number): string =>
    unit === "stored" ? money.full(amount) : count(amount);
}

/** As that, with the sign of what came or went. */
export function useChange() {
  const amount = useAmount();
  return (unit: UnitName, change: number): string =>
    change > 0 ? `+${amount(unit, change)}` : amount(unit, change).replace("-", "−");
}

/** What a booking was about, in a few words. */
export function useSourceName() {
  const { t } = useTranslation();
  return (source: string): string => t(`ledger.source.${source}`);
}
