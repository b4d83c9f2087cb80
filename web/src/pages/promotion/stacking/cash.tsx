import { Checkbox, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { useMinor } from "../../ledger/policy";
import { PERCENT } from "../../offer/terms";
import type { Draft } from "./terms";
import { CASH } from "./terms";

type Cash = Draft["cash"];

/** Whether points pay, and how much. */
export function CashFields({ cash, set }: { cash: Cash; set: (cash: Cash) => void }) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor("stored");
  return (
    <>
      <Checkbox
        checked={cash !== null}
        onChange={(event) => set(event.target.checked ? CASH : null)}
      >
        {t("stacking.cash")}
      </Checkbox>
      {cash && (
        <div className="row wrap">
          <label className="stack">
            <span>{t("stacking.cash_points")}</span>
            <InputNumber
              min={1}
              precision={0}
              style={{ width: 130 }}
              value={cash.points}
              onChange={(points) => set({ ...cash, points })}
            />
          </label>
          <label className="stack">
            <span>{t("stacking.cash_pay")}</span>
            <InputNumber
              min={0}
              precision={digits}
              suffix={currency}
              style={{ width: 150 }}
              value={cash.minor === null ? null : cash.minor / minor}
              onChange={(own) =>
                set({ ...cash, minor: own === null ? null : Math.round(own * minor) })
              }
            />
          </label>
          <label className="stack">
            <span>{t("stacking.cash_share")}</span>
            <InputNumber
              min={0.1}
              max={100}
              precision={1}
              suffix="%"
              style={{ width: 130 }}
              value={cash.share_most === null ? null : cash.share_most / PERCENT}
              onChange={(own) =>
                set({ ...cash, share_most: own === null ? null : Math.round(own * PERCENT) })
              }
            />
          </label>
          <Checkbox
            checked={cash.beside_coupons}
            onChange={(event) => set({ ...cash, beside_coupons: event.target.checked })}
          >
            {t("stacking.cash_beside")}
          </Checkbox>
        </div>
      )}
    </>
  );
}
