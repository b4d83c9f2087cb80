import { Button, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Input as Sent } from "../../api/client";
import { useAct } from "../../api/hooks";
import { exponent, symbol } from "../../format";
import { useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useShop } from "../../session";
import { useAmount } from "../ledger/unit";
import { ONCE } from "./terms";

/** What a cart would earn, without anything being booked. */
export function WouldEarn({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { currency } = useShop();
  const errorText = useErrorText();
  const [customer, setCustomer] = useState("");
  const [sku, setSku] = useState("");
  const [pieces, setPieces] = useState(1);
  const [money, setMoney] = useState<number | null>(100);
  const would = useAct("POST /earn_rules/would", []);
  const ask = () => {
    const amount_minor = Math.round((money ?? 0) * 10 ** exponent(currency));
    const items = [{ sku, quantity: pieces, amount_minor }];
    const of = customer.trim();
    const body = of ? { items, customer_id: of } : { items };
    would.mutate({ body } as Sent<"POST /earn_rules/would">);
  };
  return (
    <Modal open title={t("earn.would")} footer={null} onCancel={close} destroyOnHidden>
      <div className="stack wide">
        <label className="stack">
          <span>{t("earn.would_sku")}</span>
          <Input value={sku} onChange={(event) => setSku(event.target.value)} />
        </label>
        <div className="row">
          <label className="stack">
            <span>{t("earn.would_pieces")}</span>
            <InputNumber
              min={1}
              precision={0}
              value={pieces}
              onChange={(next) => setPieces(next ?? 1)}
            />
          </label>
          <label className="stack">
            <span>{t("earn.would_money")}</span>
            <InputNumber min={0} value={money} prefix={symbol(currency)} onChange={setMoney} />
          </label>
          <label className="stack">
            <span>{t("earn.would_whose")}</span>
            <Input value={customer} onChange={(event) => setCustomer(event.target.value)} />
          </label>
        </div>
        <div>
          <Button type="primary" loading={would.isPending} onClick={ask}>
            {t("earn.would_ask")}
          </Button>
        </div>
        {would.error && <p role="alert">{errorText(would.error)}</p>}
        {would.data && <Answer rows={would.data} />}
      </div>
    </Modal>
  );
}

interface Row {
  rule_id: string;
  name: string;
  unit: "points" | "growth" | "stored";
  amount: number;
  times: number;
  meant: boolean;
  due_at: string | null;
}

function Answer({ rows }: { rows: Row[] }) {
  const { t } = useTranslation();
  const amount = useAmount();
  if (rows.length === 0) return <p className="soft">{t("earn.would_none")}</p>;
  return (
    <ul className="stack">
      {rows.map((one) => (
        <li key={one.rule_id} className="row apart">
          <span>
            {one.name}
            <span className="soft small" style={{ display: "block" }}>
              {!one.meant && t("earn.not_meant")}
              {one.meant && one.times !== ONCE && t("earn.by", { times: one.times / ONCE })}{" "}
              {one.meant && one.due_at && (
                <>
                  {t("earn.from_when")} <When at={one.due_at} as="day" />
                </>
              )}
            </span>
          </span>
          <strong className="nowrap">
            {amount(one.unit, one.amount)} {t(`ledger.unit.${one.unit}`)}
          </strong>
        </li>
      ))}
    </ul>
  );
}
