import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RfmReport } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Money, StratumTag } from "../../part/value";

type Row = RfmReport["strata"][number];

/** The eight groups: how many they are, what they bring, and what shops do for them. */
export function Strata({ report }: { report: RfmReport }) {
  const runs = useApi("GET /rfm/runs");
  const compared = (runs.data?.length ?? 0) > 1;
  return (
    <ul className="strata">
      {report.strata.map((row) => (
        <Stratum key={row.stratum} row={row} compared={compared} />
      ))}
    </ul>
  );
}

function Stratum({ row, compared }: { row: Row; compared: boolean }) {
  const { t } = useTranslation();
  const search = { stratum: row.stratum };
  return (
    <li className="sheet">
      <div className="row apart">
        <h3>
          <StratumTag name={row.stratum} />
        </h3>
        {row.customers > 0 ? (
          <Link to="/customers" search={search}>
            {t("rfm.see_people", { count: row.customers })}
          </Link>
        ) : (
          <span className="soft">{t("rfm.nobody")}</span>
        )}
      </div>
      <div className="pair" style={{ margin: "12px 0" }}>
        <Bar name={t("rfm.bar_people")} value={row.customer_share} />
        <Bar name={t("rfm.bar_money")} value={row.revenue_share} accent />
      </div>
      <p>{t(`rfm.who_${row.stratum}`)}</p>
      <p className="soft">{t(`rfm.do_${row.stratum}`)}</p>
      <p className="small soft stratum-foot">
        <span>
          {t("customer.net_minor")} <Money minor={row.net_minor} />
        </span>
        {compared && (
          <span>{t("rfm.moved", { entered: count(row.entered), left: count(row.left) })}</span>
        )}
      </p>
    </li>
  );
}

function Bar({ name, value, accent }: { name: string; value: number; accent?: boolean }) {
  const width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  return (
    <div className="pair-line small">
      <span className="soft nowrap">{name}</span>
      <span className="track" aria-hidden="true">
        <span className={accent ? "fill accent" : "fill"} style={{ width, display: "block" }} />
      </span>
      <span className="right">{share(value)}</span>
    </div>
  );
}
