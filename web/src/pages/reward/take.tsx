import { Checkbox, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_REWARDS, useAct } from "../../api/hooks";
import type { Reward } from "../../api/shape";
import { useSaved } from "../../part/form";
import { useMoney } from "../../part/value";
import { givesText, priceText } from "./say";

/** Takes a reward for a customer who asks for it. */
export function TakeForm({ reward, close }: { reward: Reward; close: () => void }) {
  const { t } = useTranslation();
  const money = useMoney();
  // One id for one window: whoever presses twice takes it once.
  const [once] = useState(() => crypto.randomUUID());
  const [customer, setCustomer] = useState("");
  const [pieces, setPieces] = useState<number | null>(1);
  const [done, setDone] = useState(false);
  const take = useAct("POST /rewards/{reward_id}/exchanges", OF_REWARDS, useSaved(close));
  const coupon = reward.gives.kind === "coupon";
  const all = pieces ?? 0;
  const price = { points: reward.points * all, cash_minor: reward.cash_minor * all };
  const save = () => {
    const body = { customer: { customer_id: customer.trim() }, pieces: all, done };
    take.mutate({ path: { reward_id: reward.reward_id }, body, once });
  };
  return (
    <Modal
      open
      title={t("reward.take_title", { name: reward.name })}
      okText={t("reward.take")}
      okButtonProps={{ disabled: customer.trim() === "" || !pieces }}
      confirmLoading={take.isPending}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <label className="stack">
          <span>{t("quote.customer")}</span>
          <Input
            aria-label={t("quote.customer")}
            value={customer}
            maxLength={20}
            onChange={(event) => setCustomer(event.target.value)}
          />
        </label>
        {!coupon && (
          <label className="stack">
            <span>{t("offer.how_many")}</span>
            <InputNumber
              aria-label={t("offer.how_many")}
              min={1}
              max={10_000}
              precision={0}
              style={{ width: 140 }}
              value={pieces}
              onChange={setPieces}
            />
          </label>
        )}
        {(!coupon || reward.cash_minor > 0) && (
          <Checkbox checked={done} onChange={(event) => setDone(event.target.checked)}>
            {t(reward.cash_minor > 0 ? "reward.done_paid" : "reward.done_now")}
          </Checkbox>
        )}
        <p role="status">
          {givesText(reward, t)} · {priceText(price, { t, money: money.full })}
          {!done && !coupon && (
            <span className="soft small" style={{ display: "block" }}>
              {t("reward.held_how", { count: reward.hold_hours })}
            </span>
          )}
        </p>
      </div>
    </Modal>
  );
}
