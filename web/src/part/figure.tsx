import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { change, signedShare } from "../format";

interface FigureProps {
  name: string;
  /** How it is reckoned; shown on hover and read out. */
  meaning?: string | undefined;
  value: ReactNode;
  /** Its value and that of the period before, for the change. */
  compare?: { value: number | null; before: number | null } | undefined;
  /** Shares change by points, amounts by a share. */
  unit?: "share" | "amount";
  /** Growth is no good news for refunds. */
  worse?: boolean;
  trend?: number[] | undefined;
  main?: boolean;
}

export function Figure({ name, meaning, value, compare, unit, worse, trend, main }: FigureProps) {
  const label = <span className="figure-name">{name}</span>;
  return (
    <div className={main ? "figure main" : "figure"}>
      <dt>
        {meaning ? (
          <Tooltip title={meaning}>
            <span tabIndex={0}>{label}</span>
          </Tooltip>
        ) : (
          label
        )}
      </dt>
      <dd className="figure-value">{value}</dd>
      {compare && (
        <dd>
          <Change {...compare} unit={unit ?? "amount"} worse={Boolean(worse)} />
        </dd>
      )}
      {trend && trend.length > 1 && (
        <dd aria-hidden="true" className="figure-trend">
          <Sparkline values={trend} />
        </dd>
      )}
    </div>
  );
}

interface ChangeProps {
  value: number | null;
  before: number | null;
  unit: "share" | "amount";
  worse: boolean;
}

function Change({ value, before, unit, worse }: ChangeProps) {
  const { t } = useTranslation();
  const moved =
    unit === "share" && value != null && before != null ? value - before : change(value, before);
  if (moved == null) return <span className="soft small">{t("figure.no_before")}</span>;
  const flat = Math.abs(moved) < 0.0005;
  const bad = !flat && moved < 0 !== worse;
  const points = unit === "share" ? t("figure.points", { value: pointsText(moved) }) : "";
  const text = flat ? t("figure.flat") : points || signedShare(moved);
  return (
    <span className={bad ? "small attention" : "small"}>
      {!flat && <span aria-hidden="true">{moved > 0 ? "↑ " : "↓ "}</span>}
      {text} <span className="soft">{t("figure.than_before")}</span>
    </span>
  );
}

function pointsText(moved: number): string {
  return `${moved > 0 ? "+" : "−"}${(Math.abs(moved) * 100).toFixed(1)}`;
}

const WIDTH = 96;
const HEIGHT = 24;

/** A line without axes; what it shows is in the table behind the trend. */
export function Sparkline({ values }: { values: number[] }) {
  const top = Math.max(...values, 0);
  const bottom = Math.min(...values, 0);
  const range = top - bottom || 1;
  const step = WIDTH / (values.length - 1);
  const y = (value: number) => HEIGHT - 2 - ((value - bottom) / range) * (HEIGHT - 4);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} className="sparkline">
      <polyline points={points.join(" ")} />
    </svg>
  );
}

export function FigureRow({ children }: { children: ReactNode }) {
  return <dl className="figure-row">{children}</dl>;
}

export function FigureRowSkeleton({ figures }: { figures: number }) {
  return (
    <div className="figure-row" aria-hidden="true">
      {Array.from({ length: figures }, (_, at) => (
        <div className="figure" key={at}>
          <div className="bone" style={{ height: 88 }} />
        </div>
      ))}
    </div>
  );
}
