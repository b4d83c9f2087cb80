import { DownloadOutlined, PictureOutlined, TableOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { saveBlob } from "../api/client";
import { csvCell } from "../format";
import { useLook } from "../look";
import type { Tokens } from "../theme";
import { chartTheme, tokens } from "../theme";
import type { ECharts } from "./echarts";
import { BlockSkeleton } from "./state";

export type Cell = string | number | null;
export interface ChartTable {
  columns: string[];
  rows: Cell[][];
  /** How a cell is shown; the file has it as it is. */
  show?: (cell: Cell, column: number) => ReactNode;
}

interface ChartProps {
  /** Says the finding. */
  title: ReactNode;
  note?: ReactNode;
  /** Name of the files. */
  name: string;
  height?: number;
  option: (tokens: Tokens) => object;
  table: ChartTable;
  onPick?: (params: { name: string; data: unknown }) => void;
  extra?: ReactNode;
  /** Draws more than lines, for which more has to be loaded. */
  more?: boolean;
}

export function Chart({
  title,
  note,
  name,
  height = 260,
  option,
  table,
  onPick,
  extra,
  more = false,
}: ChartProps) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const chart = useRef<ECharts | null>(null);
  const { mode } = useLook();
  const png = () => savePng(chart.current, tokens[mode].paper, name);
  return (
    <figure className="chart">
      <div className="chart-head">
        <figcaption>
          <p className="strong">{title}</p>
          {note && <p className="chart-note">{note}</p>}
        </figcaption>
        <div className="tools">
          {extra}
          <Tool
            name={asTable ? t("chart.as_chart") : t("chart.as_table")}
            icon={<TableOutlined aria-hidden />}
            pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          />
          {!asTable && (
            <Tool name={t("chart.png")} icon={<PictureOutlined aria-hidden />} onClick={png} />
          )}
          <Tool
            name={t("chart.csv")}
            icon={<DownloadOutlined aria-hidden />}
            onClick={() => saveCsv(table.columns, table.rows, name)}
          />
        </div>
      </div>
      {asTable ? (
        <div className="chart-table" tabIndex={0} role="region" aria-label={t("chart.as_table")}>
          <PlainTable table={table} />
        </div>
      ) : (
        <Canvas
          height={height}
          option={option}
          onPick={onPick}
          keep={chart}
          more={more}
          label={typeof title === "string" ? title : name}
        />
      )}
    </figure>
  );
}

interface ToolProps {
  name: string;
  icon: ReactNode;
  pressed?: boolean;
  onClick: () => void;
}

function Tool({ name, icon, pressed, onClick }: ToolProps) {
  return (
    <Tooltip title={name}>
      <Button
        type="text"
        size="small"
        icon={icon}
        aria-label={name}
        aria-pressed={pressed}
        onClick={onClick}
      />
    </Tooltip>
  );
}

interface CanvasProps {
  height: number;
  label: string;
  option: (tokens: Tokens) => object;
  onPick: ChartProps["onPick"];
  keep: React.RefObject<ECharts | null>;
  more: boolean;
}

function load(more: boolean) {
  return more ? import("./echarts-more") : import("./echarts");
}

function Canvas({ height, label, option, onPick, keep, more }: CanvasProps) {
  const { mode, lang } = useLook();
  const box = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const pick = useRef(onPick);
  pick.current = onPick;
  const draw = useCallback(
    (chart: ECharts) => {
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      const moves = { animation: !still, animationDuration: 200 };
      chart.setOption({ ...moves, ...option(tokens[mode]) }, { notMerge: true });
    },
    [option, mode],
  );

  useEffect(() => {
    let gone = false;
    let observer: ResizeObserver | null = null;
    void load(more).then(({ init }) => {
      if (gone || !box.current) return;
      const chart = init(box.current, chartTheme(mode, lang));
      keep.current = chart;
      chart.on("click", (params) => pick.current?.({ name: params.name, data: params.data }));
      observer = new ResizeObserver(() => chart.resize());
      observer.observe(box.current);
      setReady(true);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      keep.current?.dispose();
      keep.current = null;
      setReady(false);
    };
  }, [mode, lang, keep, more]);

  useEffect(() => {
    if (ready && keep.current) draw(keep.current);
  }, [ready, draw, keep]);

  return (
    <div className="chart-body" style={{ height }}>
      <div ref={box} role="img" aria-label={label} style={{ height }} />
      {!ready && (
        <div className="chart-cover">
          <BlockSkeleton height={height} />
        </div>
      )}
    </div>
  );
}

export function PlainTable({ table }: { table: ChartTable }) {
  const numeric = (cell: Cell) => typeof cell === "number";
  const show = (cell: Cell, at: number) => (table.show ? table.show(cell, at) : cell);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          {table.columns.map((name, at) => (
            <th
              key={at}
              scope="col"
              className={numeric(table.rows[0]?.[at] ?? null) ? "right" : ""}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, line) => (
          <tr key={line}>
            {row.map((cell, at) => (
              <td key={at} className={numeric(cell) ? "right" : ""}>
                {show(cell, at)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function savePng(chart: ECharts | null, backgroundColor: string, name: string) {
  if (!chart) return;
  const link = document.createElement("a");
  link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor });
  link.download = `${name}.png`;
  link.click();
}

/** The byte order mark makes Excel read the file as UTF-8. */
export function saveCsv(columns: string[], rows: Cell[][], name: string) {
  const lines = [columns, ...rows].map((row) => row.map(csvCell).join(","));
  saveBlob(new Blob(["\uFEFF", lines.join("\r\n"), "\r\n"], { type: "text/csv" }), `${name}.csv`);
}
