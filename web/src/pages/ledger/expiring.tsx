import { useTranslation } from "react-i18next";
import type { Liability } from "../../api/shape";
import { Chart } from "../../part/chart";
import { useAmount } from "./unit";

/** What runs out in each of the coming months. */
export function Expiring({ one }: { one: Liability }) {
  const { t } = useTranslation();
  const amount = useAmount();
  const months = one.expiring.map((own) => own.month.slice(0, 7));
  const values = one.expiring.map((own) => own.amount);
  const all = values.reduce((sum, own) => sum + own, 0);
  return (
    <Chart
      title={t("ledger.expiring", { amount: amount(one.unit, all) })}
      name={`${t(`ledger.unit.${one.unit}`)} ${t("ledger.expiring_file")}`}
      height={180}
      option={(tokens) => ({
        grid: { left: 8, right: 8, top: 16, bottom: 8, containLabel: true },
        xAxis: { type: "category", data: months },
        yAxis: { type: "value", axisLabel: { formatter: (own: number) => amount(one.unit, own) } },
        tooltip: { trigger: "axis", valueFormatter: (own: number) => amount(one.unit, own) },
        series: [{ type: "bar", data: values, itemStyle: { color: tokens.accent } }],
      })}
      table={{
        columns: [t("ledger.month"), t("ledger.amount")],
        rows: one.expiring.map((own) => [own.month.slice(0, 7), own.amount]),
        show: (cell, column) => (column === 1 ? amount(one.unit, Number(cell)) : cell),
      }}
    />
  );
}
