import { useTranslation } from "react-i18next";
import type { FigureName, Kpi, KpiDay } from "../../api/shape";
import { Figure, FigureRow } from "../../part/figure";
import { Count, Money, Share } from "../../part/value";

type Kind = "money" | "count" | "share";

interface Shown {
  name: FigureName;
  kind: Kind;
  /** What of a day its sparkline shows. */
  trend?: (day: KpiDay) => number;
  worse?: boolean;
  main?: boolean;
}

const perBuyer = (day: KpiDay) => (day.buyers ? day.paid_minor / day.buyers : 0);

const FIRST: Shown[] = [
  { name: "paid_minor", kind: "money", trend: (day) => day.paid_minor, main: true },
  { name: "net_minor", kind: "money", trend: (day) => day.net_minor },
  { name: "buyers", kind: "count", trend: (day) => day.buyers },
  { name: "spend_per_buyer_minor", kind: "money", trend: perBuyer },
  { name: "new_buyers", kind: "count", trend: (day) => day.new_buyers },
];

const MORE: Shown[] = [
  { name: "returning_buyers", kind: "count" },
  { name: "order_value_minor", kind: "money" },
  { name: "repeat_rate", kind: "share" },
  { name: "return_rate", kind: "share" },
  { name: "refunded_minor", kind: "money", worse: true },
  { name: "unpaid_orders", kind: "count", worse: true },
];

function Value({ kind, value }: { kind: Kind; value: number | null }) {
  if (kind === "money") return <Money minor={value} />;
  return kind === "share" ? <Share value={value} /> : <Count value={value} />;
}

function Row({ shown, kpi }: { shown: Shown[]; kpi: Kpi }) {
  const { t } = useTranslation();
  return (
    <FigureRow>
      {shown.map(({ name, kind, trend, worse, main }) => {
        const value = kpi.figures[name];
        const before = kpi.before[name];
        return (
          <Figure
            key={name}
            name={t(`figure.${name}`)}
            meaning={t(`figure.${name}_how`)}
            value={<Value kind={kind} value={value} />}
            compare={{ value, before }}
            unit={kind === "share" ? "share" : "amount"}
            worse={worse ?? false}
            main={main ?? false}
            trend={trend && kpi.days.map(trend)}
          />
        );
      })}
    </FigureRow>
  );
}

export function Figures({ kpi }: { kpi: Kpi }) {
  return <Row shown={FIRST} kpi={kpi} />;
}

export function MoreFigures({ kpi }: { kpi: Kpi }) {
  return (
    <div className="more-figures">
      <Row shown={MORE} kpi={kpi} />
    </div>
  );
}
