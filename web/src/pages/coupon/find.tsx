import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CouponFound } from "../../api/shape";
import { OF_COUPONS, useAct, useApi } from "../../api/hooks";
import { ConfirmAct, Guard } from "../../part/confirm";
import { useErrorText } from "../../part/state";
import { useMoney, When } from "../../part/value";
import { Code } from "./code";

/** A code that somebody names: how it stands and what was done with it. */
export function FindCode({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const found = useApi(
    "GET /coupons/codes/{code}",
    { path: { code: code ?? "" } },
    { enabled: code !== null, retry: false },
  );
  return (
    <Modal open title={t("coupon.find")} footer={null} onCancel={close} destroyOnHidden>
      <div className="stack wide">
        <Input.Search
          value={text}
          aria-label={t("coupon.code")}
          placeholder={t("coupon.code")}
          enterButton={t("coupon.look")}
          maxLength={64}
          onChange={(event) => setText(event.target.value)}
          onSearch={(own) => setCode(own.trim() || null)}
        />
        {code && found.error && <p role="alert">{errorText(found.error)}</p>}
        {code && found.data && <Found found={found.data} />}
      </div>
    </Modal>
  );
}

function Found({ found }: { found: CouponFound }) {
  const { t } = useTranslation();
  const money = useMoney();
  const [asking, setAsking] = useState(false);
  const withdraw = useAct("DELETE /coupons/codes/{code}", [
    ...OF_COUPONS,
    "GET /coupons/codes/{code}",
  ]);
  const { code, moves } = found;
  const free = code.state === "held" || code.state === "expired";
  return (
    <div className="stack" role="status">
      <p>{code.coupon}</p>
      <Code one={code} />
      <ul className="stack">
        {moves.map((move) => (
          <li key={move.of}>
            {t(`coupon.move.${move.kind}`)}
            {move.kind !== "claim" && ` · ${money.full(move.amount_minor)}`}
            {move.order && ` · ${t("coupon.of_order", { order: move.order })}`}
            <span className="soft small" style={{ display: "block" }}>
              <When at={move.at} as="minute" />
            </span>
          </li>
        ))}
      </ul>
      {free && (
        <Guard may="benefits.write">
          <Button danger size="small" onClick={() => setAsking(true)}>
            {t("coupon.withdraw")}
          </Button>
        </Guard>
      )}
      <ConfirmAct
        open={asking}
        title={t("coupon.withdraw")}
        what={t("coupon.withdraw_what", { code: code.code })}
        verb={t("coupon.withdraw")}
        danger
        act={() => withdraw.mutateAsync({ path: { code: code.code } })}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
