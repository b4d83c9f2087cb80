import { useTranslation } from "react-i18next";
import type { Totals as ImportTotals } from "../../api/shape";
import { Figure, FigureRow } from "../../part/figure";
import { Count, Money } from "../../part/value";

interface TotalsProps {
  totals: ImportTotals;
  /** Whether all rows were read: what they come to is known only then. */
  whole?: boolean;
}

/** What an import brought, or would bring. */
export function Totals({ totals, whole = true }: TotalsProps) {
  const { t } = useTranslation();
  const rejected = <Count value={totals.rows_rejected} />;
  return (
    <>
      <FigureRow>
        <Figure name={t("import.rows_read")} value={<Count value={totals.rows_read} />} />
        <Figure name={t("import.rows_accepted")} value={<Count value={totals.rows_accepted} />} />
        <Figure
          name={t("import.rows_duplicate")}
          meaning={t("import.rows_duplicate_how")}
          value={<Count value={totals.rows_duplicate} />}
        />
        <Figure
          name={t("import.rows_rejected")}
          meaning={t("import.rows_rejected_how")}
          value={
            totals.rows_rejected > 0 ? <span className="attention">{rejected}</span> : rejected
          }
        />
      </FigureRow>
      {whole && (
        <div className="more-figures">
          <FigureRow>
            <Figure name={t("import.orders")} value={<Count value={totals.orders} />} />
            <Figure name={t("import.customers")} value={<Count value={totals.customers} />} />
            <Figure name={t("import.gross")} value={<Money minor={totals.gross_minor} />} />
            <Figure
              name={t("customer.refunded_minor")}
              value={<Money minor={totals.refunded_minor} />}
            />
            <Figure name={t("customer.net_minor")} value={<Money minor={totals.net_minor} />} />
          </FigureRow>
        </div>
      )}
    </>
  );
}
