import { Button, Segmented } from "antd";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { tookOf } from "../../api/client";
import type { QueryAnswer } from "../../api/shape";
import { count, span } from "../../format";
import type { Cell } from "../../part/chart";
import { Chart, saveCsv } from "../../part/chart";
import { Guard } from "../../part/confirm";
import { Empty } from "../../part/state";
import type { Tokens } from "../../theme";

const BARS_MAX = 60;
const SERIES_MAX = 5;
const NUMBERS = /^(integer|number|decimal)$/;

const isNumber = (answer: QueryAnswer, at: number) => NUMBERS.test(answer.columns[at]?.kind ?? "");

/** Everything comes as text; what counts is made numbers again, where they are exact. */
function cellsOf(answer: QueryAnswer): Cell[][] {
  const numeric = answer.columns.map((_, at) => isNumber(answer, at));
  return answer.rows.map((row) =>
    row.map((cell, at) => {
      const number = Number(cell);
      return cell !== null && numeric[at] && Math.abs(number) <= Number.MAX_SAFE_INTEGER
        ? number
        : cell;
    }),
  );
}

/** The columns of an answer that can be drawn: one that names, and those that count. */
function drawable(answer: QueryAnswer) {
  const all = answer.columns.map((_, at) => at);
  const label = all.find((at) => !isNumber(answer, at)) ?? 0;
  const series = all.filter((at) => at !== label && isNumber(answer, at)).slice(0, SERIES_MAX);
  return series.length > 0 && answer.rows.length > 1 ? { label, series } : null;
}

export function Answer({ answer }: { answer: QueryAnswer }) {
  const { t } = useTranslation();
  const [as, setAs] = useState<"table" | "chart">("table");
  const cells = useMemo(() => cellsOf(answer), [answer]);
  const names = useMemo(() => answer.columns.map((column) => column.name), [answer]);
  const shape = drawable(answer);
  if (answer.rows.length === 0) {
    return <Empty title={t("query.nothing")} why={t("query.nothing_why")} />;
  }
  const took = tookOf(answer);
  return (
    <section aria-label={t("query.answer")}>
      <div className="row apart wrap" style={{ marginBottom: 8 }}>
        <span className="soft small" role="status">
          {t("list.total", { count: answer.rows.length })}
          {took !== null && ` · ${span(took)}`}
        </span>
        <div className="row">
          {shape && (
            <Segmented
              size="small"
              value={as}
              onChange={setAs}
              aria-label={t("query.as")}
              options={(["table", "chart"] as const).map((value) => ({
                value,
                label: t(`query.as_${value}`),
              }))}
            />
          )}
          <Guard may="exports.run">
            <Button size="small" onClick={() => saveCsv(names, cells, "query")}>
              {t("query.csv")}
            </Button>
          </Guard>
        </div>
      </div>
      {as === "chart" && shape ? (
        <Drawn cells={cells} shape={shape} names={names} />
      ) : (
        <AnswerTable answer={answer} cells={cells} />
      )}
    </section>
  );
}

function AnswerTable({ answer, cells }: { answer: QueryAnswer; cells: Cell[][] }) {
  const { t } = useTranslation();
  const side = answer.columns.map((_, at) => (isNumber(answer, at) ? "right" : ""));
  return (
    <div className="answer" tabIndex={0} role="group" aria-label={t("query.as_table")}>
      <table className="plain-table">
        <thead>
          <tr>
            {answer.columns.map((column, at) => (
              <th key={at} scope="col" className={side[at]}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, line) => (
            <tr key={line}>
              {row.map((cell, at) => (
                <td key={at} className={side[at]}>
                  <One cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function One({ cell }: { cell: Cell }) {
  if (cell === null) return <span className="soft">null</span>;
  return <>{typeof cell === "number" && Number.isInteger(cell) ? count(cell) : cell}</>;
}

interface DrawnProps {
  cells: Cell[][];
  shape: { label: number; series: number[] };
  names: string[];
}

function Drawn({ cells, shape, names }: DrawnProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(shape.series[0] ?? 0);
  const at = shape.series.includes(chosen) ? chosen : (shape.series[0] ?? 0);
  const option = useCallback(
    (tokens: Tokens) => {
      const shown = cells.slice(0, BARS_MAX);
      return {
        grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: "same" },
        tooltip: { trigger: "axis" },
        xAxis: {
          type: "category",
          data: shown.map((row) => String(row[shape.label] ?? "null")),
          axisLabel: { hideOverlap: true },
        },
        yAxis: { type: "value" },
        series: [
          {
            type: "bar",
            name: names[at],
            color: tokens.accent,
            barMaxWidth: 32,
            data: shown.map((row) => row[at]),
          },
        ],
      };
    },
    [cells, at, names, shape.label],
  );
  const value = names[at] ?? "";
  const extra = shape.series.length > 1 && (
    <Segmented
      size="small"
      value={at}
      onChange={setChosen}
      aria-label={t("query.column")}
      options={shape.series.map((one) => ({ value: one, label: names[one] ?? "" }))}
    />
  );
  return (
    <Chart
      more
      name="query"
      title={t("query.by", { value, label: names[shape.label] ?? "" })}
      option={option}
      height={320}
      extra={extra}
      table={{ columns: names, rows: cells }}
    />
  );
}
