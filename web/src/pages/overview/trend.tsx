import { Segmented } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kpi, KpiDay } from "../../api/shape";
import { change, count, exponent, monthDay, share } from "../../format";
import { useLook } from "../../look";
import { Chart } from "../../part/chart";
import { useMoney } from "../../part/value";
import { useShop } from "../../session";
import type { Tokens } from "../../theme";

const MEASURES = ["paid_minor", "net_minor", "buyers", "orders", "new_buyers"] as const;
type Measure = (typeof MEASURES)[number];

function total(days: KpiDay[], measure: Measure): number {
  return days.reduce((sum, day) => sum + day[measure], 0);
}

/** The days of the period over those of the one before. */
export function Trend({ kpi }: { kpi: Kpi }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const money = useMoney();
  const { currency } = useShop();
  const [measure, setMeasure] = useState<Measure>("paid_minor");
  const isMoney = measure.endsWith("_minor");
  const full = (value: number) => (isMoney ? money.full(value) : count(value));
  const round = (value: number) => (isMoney ? money.round(value) : count(value));
  const dates = kpi.days.map((day) => day.date);
  const names = [t("overview.this_period"), t("overview.period_before")];

  const option = useCallback(
    (tokens: Tokens) => ({
      grid: { left: 8, right: 16, top: 32, bottom: 8, outerBoundsMode: "same" },
      tooltip: {
        trigger: "axis",
        valueFormatter: (value: number) => full(value),
      },
      xAxis: {
        type: "category",
        data: dates,
        boundaryGap: false,
        axisLabel: { formatter: (date: string) => date.slice(5), hideOverlap: true },
      },
      yAxis: {
        type: "value",
        min: 0,
        // Less than one yuan or one person apart, labels would all read the same.
        minInterval: isMoney ? 10 ** exponent(currency) : 1,
        axisLabel: { formatter: round },
        splitNumber: 4,
      },
      series: [
        line(
          names[0],
          kpi.days.map((day) => day[measure]),
          tokens.accent,
        ),
        line(
          names[1],
          kpi.before_days.map((day) => day[measure]),
          tokens.bar,
          "dashed",
        ),
      ],
      // Rounding depends on the language as well as on the measure.
    }),
    [kpi, measure, lang, currency],
  );

  const rows = kpi.days.map((day, at) => {
    const before = kpi.before_days[at];
    return [day.date, day[measure], before?.date ?? null, before?.[measure] ?? null];
  });
  return (
    <Chart
      name={`overview-${measure}-${kpi.from}-${kpi.to}`}
      option={option}
      title={<Finding kpi={kpi} measure={measure} full={full} />}
      note={
        <span className="legend">
          <span>
            <i className="key" /> {names[0]} {kpi.from} – {kpi.to}
          </span>
          <span>
            <i className="key before" /> {names[1]} {kpi.before_from} – {kpi.before_to}
          </span>
        </span>
      }
      extra={
        <Segmented<Measure>
          size="small"
          value={measure}
          onChange={setMeasure}
          aria-label={t("overview.measure")}
          options={MEASURES.map((value) => ({ value, label: t(`figure.${value}`) }))}
        />
      }
      table={{
        columns: [
          t("overview.day"),
          t(`figure.${measure}`),
          t("overview.day_before"),
          names[1] ?? "",
        ],
        rows,
        show: (cell) => (typeof cell === "number" ? full(cell) : cell),
      }}
    />
  );
}

function line(name: string | undefined, data: number[], color: string, type = "solid") {
  return {
    type: "line",
    name,
    data,
    showSymbol: data.length < 2,
    color,
    lineStyle: { type, width: 2 },
    emphasis: { disabled: true },
  };
}

interface FindingProps {
  kpi: Kpi;
  measure: Measure;
  full: (value: number) => string;
}

function Finding({ kpi, measure, full }: FindingProps) {
  const { t } = useTranslation();
  const name = t(`figure.${measure}`);
  const best = kpi.days.reduce<KpiDay | null>(
    (top, day) => (top === null || day[measure] > top[measure] ? day : top),
    null,
  );
  const moved = change(total(kpi.days, measure), total(kpi.before_days, measure));
  const turn = moved == null ? "new" : moved > 0.0005 ? "up" : moved < -0.0005 ? "down" : "flat";
  const first = t(`overview.trend_${turn}`, { name, change: share(Math.abs(moved ?? 0)) });
  if (!best || best[measure] === 0 || kpi.days.length < 3) return <>{first}</>;
  return (
    <>{t("overview.trend_best", { first, day: monthDay(best.date), value: full(best[measure]) })}</>
  );
}
