import { useTranslation } from "react-i18next";
import type { RfmReport } from "../../api/shape";
import { count } from "../../format";
import { RowsSkeleton } from "../../part/state";
import { Money, StratumTag } from "../../part/value";

interface SizePreviewProps {
  now: RfmReport["strata"];
  then: RfmReport["strata"] | undefined;
}

/** How large the groups would be, beside how large they are. */
export function SizePreview({ now, then }: SizePreviewProps) {
  const { t } = useTranslation();
  if (!then) return <RowsSkeleton rows={8} />;
  return (
    <table className="plain-table" aria-live="polite">
      <thead>
        <tr>
          <th scope="col">{t("customer.stratum")}</th>
          <th scope="col" className="right">
            {t("rfm.now")}
          </th>
          <th scope="col" className="right">
            {t("rfm.then")}
          </th>
          <th scope="col" className="right">
            {t("rfm.difference")}
          </th>
          <th scope="col" className="right">
            {t("rfm.then_net")}
          </th>
        </tr>
      </thead>
      <tbody>
        {now.map((row) => {
          const next = then.find((one) => one.stratum === row.stratum);
          const moved = (next?.customers ?? 0) - row.customers;
          return (
            <tr key={row.stratum}>
              <td>
                <StratumTag name={row.stratum} />
              </td>
              <td className="right">{count(row.customers)}</td>
              <td className="right strong">{count(next?.customers ?? 0)}</td>
              <td className="right soft">
                {moved === 0 ? "–" : `${moved > 0 ? "+" : ""}${count(moved)}`}
              </td>
              <td className="right">
                <Money minor={next?.net_minor ?? 0} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
