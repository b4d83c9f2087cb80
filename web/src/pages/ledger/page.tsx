import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Liability, UnitName } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Guard } from "../../part/confirm";
import { Figure, FigureRow } from "../../part/figure";
import { Page } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { Adjustments } from "./adjustments";
import { Expiring } from "./expiring";
import { PolicyForm, usePolicyText } from "./policy";
import { useAmount } from "./unit";

/** What the shop has promised its customers, and by which rules. */
export function LedgerPage() {
  const { t } = useTranslation();
  const ledger = useApi("GET /ledger");
  const [editing, setEditing] = useState<Liability | null>(null);
  return (
    <Page title={t("nav.ledger")} lead={t("ledger.lead")}>
      <Adjustments />
      <Asked query={ledger} what={t("nav.ledger")} skeleton={<RowsSkeleton rows={8} />}>
        {(all) =>
          all.map((one) => <Promised key={one.unit} one={one} edit={() => setEditing(one)} />)
        }
      </Asked>
      {editing && <PolicyForm one={editing} close={() => setEditing(null)} />}
    </Page>
  );
}

function Promised({ one, edit }: { one: Liability; edit: () => void }) {
  const { t } = useTranslation();
  const amount = useAmount();
  const policyText = usePolicyText();
  const unit = one.unit;
  return (
    <section aria-label={t(`ledger.unit.${unit}`)} className="card-part">
      <div className="row apart">
        <h2>{t(`ledger.unit.${unit}`)}</h2>
        <Guard may="benefits.write">
          <Button size="small" onClick={edit}>
            {t("ledger.rules")}
          </Button>
        </Guard>
      </div>
      <p className="soft">{policyText(unit, one.policy)}</p>
      <FigureRow>
        <Figure name={t("ledger.outstanding")} value={amount(unit, one.outstanding)} />
        <Figure name={t("ledger.holders")} value={count(one.holders)} />
        <Figure name={t("ledger.pending")} value={amount(unit, one.pending)} />
        <Figure name={t("ledger.held")} value={amount(unit, one.held)} />
        <Figure name={t("ledger.owed")} value={amount(unit, one.owed)} />
      </FigureRow>
      <Houses one={one} unit={unit} />
      {one.expiring.some((month) => month.amount > 0) && <Expiring one={one} />}
      {one.breakage !== null && one.breakage_forecast !== null && (
        <p className="soft small">
          {t("ledger.breakage", {
            share: share(one.breakage),
            amount: amount(unit, one.breakage_forecast),
          })}
        </p>
      )}
    </section>
  );
}

function Houses({ one, unit }: { one: Liability; unit: UnitName }) {
  const { t } = useTranslation();
  const amount = useAmount();
  if (one.houses.length === 0) return null;
  return (
    <details>
      <summary>{t("ledger.houses")}</summary>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("ledger.account")}</th>
            <th scope="col" className="right">
              {t("ledger.to_customers")}
            </th>
            <th scope="col" className="right">
              {t("ledger.from_customers")}
            </th>
          </tr>
        </thead>
        <tbody>
          {one.houses.map((own) => (
            <tr key={own.house}>
              <td>{t(`ledger.house.${own.house}`)}</td>
              <td className="right">{amount(unit, own.debits)}</td>
              <td className="right">{amount(unit, own.credits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
