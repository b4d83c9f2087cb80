import { Link } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RfmReport } from "../../api/shape";
import { count, plainAmount } from "../../format";
import { saveCsv } from "../../part/chart";
import { Money, useMoney } from "../../part/value";
import { useUrl } from "../../url";
import type { Cell } from "./cells";
import { cellKey, cellsOf, pick, SCORES, shade, side } from "./cells";

const SIDE = 32;
const ALL = "all";

/** R against F as a heat map whose cells can be chosen. */
export function Matrix({ report }: { report: RfmReport }) {
  const { t } = useTranslation();
  const { currency } = useMoney();
  const [search, change] = useUrl();
  const m = search.m ? Number(search.m) : null;
  const rows = useMemo(() => cellsOf(report, m), [report, m]);
  const cells = rows.flat();
  const chosen = search.cells?.split(",").filter(Boolean) ?? [];
  const most = {
    customers: Math.max(...cells.map((cell) => cell.customers)),
    net: Math.max(...cells.map((cell) => cell.net_minor)),
  };
  const choose = (cell: Cell, adding: boolean) => {
    const next = pick(chosen, cellKey(cell), adding);
    change({ cells: next.join(",") || undefined }, { replace: true });
  };
  const options = [ALL, ...[...SCORES].reverse().map(String)].map((value) => ({
    value,
    label: value === ALL ? t("rfm.m_all") : `M${value}`,
  }));
  return (
    <div className="rfm-matrix">
      <div className="row apart wrap" style={{ marginBottom: 8 }}>
        <div className="row">
          <span className="soft small" id="rfm-m">
            {t("rfm.m")}
          </span>
          <Segmented
            size="small"
            value={search.m ?? ALL}
            options={options}
            aria-labelledby="rfm-m"
            onChange={(value) =>
              change({ m: value === ALL ? undefined : value }, { replace: true })
            }
          />
        </div>
        <Button
          size="small"
          onClick={() =>
            saveCsv(
              ["R", "F", t("rfm.people"), t("customer.net_minor")],
              cells.map((cell) => [
                cell.r,
                cell.f,
                cell.customers,
                plainAmount(cell.net_minor, currency),
              ]),
              "rfm",
            )
          }
        >
          {t("chart.csv")}
        </Button>
      </div>
      <table className="matrix">
        <caption className="unseen">{t("rfm.matrix")}</caption>
        <thead>
          <tr>
            <td aria-hidden="true" />
            {SCORES.map((f) => (
              <th key={f} scope="col">
                <b>F{f}</b> <Range report={report} of="f" score={f} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]?.r}>
              <th scope="row">
                <b>R{row[0]?.r}</b> <Range report={report} of="r" score={row[0]?.r ?? 1} />
              </th>
              {row.map((cell) => (
                <td key={cell.f}>
                  <CellButton
                    cell={cell}
                    most={most}
                    chosen={chosen.includes(cellKey(cell))}
                    choose={choose}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Selection cells={cells.filter((cell) => chosen.includes(cellKey(cell)))} m={search.m} />
    </div>
  );
}

/** What a score means in this shop. */
function Range({ report, of, score }: { report: RfmReport; of: "r" | "f"; score: number }) {
  const { t } = useTranslation();
  const cuts = report.cuts[of];
  const low = score > 1 ? cuts[score - 2] : null;
  const high = score < 5 ? cuts[score - 1] : null;
  if (of === "r") {
    const text = high == null ? t("rfm.r_after", { day: low }) : t("rfm.r_until", { day: high });
    return <span className="small soft">{text}</span>;
  }
  const from = Number(low ?? 0) + 1;
  if (high != null && from > Number(high)) return <span className="small soft">–</span>;
  const text =
    high == null
      ? t("rfm.f_from", { count: from })
      : from === Number(high)
        ? t("rfm.f_times", { count: from })
        : t("rfm.f_between", { from, to: high });
  return <span className="small soft">{text}</span>;
}

interface CellButtonProps {
  cell: Cell;
  most: { customers: number; net: number };
  chosen: boolean;
  choose: (cell: Cell, adding: boolean) => void;
}

function CellButton({ cell, most, chosen, choose }: CellButtonProps) {
  const { t } = useTranslation();
  const money = useMoney();
  if (cell.customers === 0) return <span className="matrix-cell none">–</span>;
  const length = side(cell.customers, most.customers, SIDE);
  const label = t("rfm.cell", {
    r: cell.r,
    f: cell.f,
    count: cell.customers,
    money: money.full(cell.net_minor),
  });
  return (
    <button
      type="button"
      aria-pressed={chosen}
      title={label}
      className={`matrix-cell heat${shade(cell.net_minor, most.net)}`}
      onClick={(event) => choose(cell, event.shiftKey || event.metaKey || event.ctrlKey)}
    >
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} width={SIDE} height={SIDE} aria-hidden="true">
        <rect
          x={(SIDE - length) / 2}
          y={(SIDE - length) / 2}
          width={length}
          height={length}
          rx="2"
        />
      </svg>
      <span>
        <span className="unseen">
          R{cell.r} F{cell.f}{" "}
        </span>
        <b>{t("rfm.cell_people", { count: cell.customers })}</b>
        <span className="small">{money.round(cell.net_minor)}</span>
      </span>
    </button>
  );
}

function Selection({ cells, m }: { cells: Cell[]; m: string | undefined }) {
  const { t } = useTranslation();
  const [, change] = useUrl();
  const people = cells.reduce((sum, cell) => sum + cell.customers, 0);
  const net = cells.reduce((sum, cell) => sum + cell.net_minor, 0);
  if (cells.length === 0) {
    return <p className="soft small matrix-selection">{t("rfm.pick_how")}</p>;
  }
  return (
    <div className="bulk-bar matrix-selection" role="status">
      <span className="nowrap">
        {t("rfm.selected", { count: cells.length, people: count(people) })} <Money minor={net} />
      </span>
      <span className="row wrap">
        {cells.map((cell) => (
          <Link
            key={cellKey(cell)}
            to="/customers"
            search={{ r: String(cell.r), f: String(cell.f), ...(m ? { m } : {}) }}
            className="go-button"
          >
            {t("rfm.see_cell", { r: cell.r, f: cell.f, count: cell.customers })}
          </Link>
        ))}
      </span>
      <div className="grow" />
      <Button type="link" onClick={() => change({ cells: undefined }, { replace: true })}>
        {t("list.unselect")}
      </Button>
    </div>
  );
}
