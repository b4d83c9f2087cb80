import { InputNumber, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_REWARDS, useAct, useApi } from "../../api/hooks";
import type { Reward } from "../../api/shape";
import { day } from "../../format";
import { useSaved } from "../../part/form";
import { SpanFields } from "../../part/span";
import { instantOf } from "../../part/zone";
import { useShop } from "../../session";
import { useMinor } from "../ledger/policy";
import { LimitFields, NameFields } from "../offer/named";
import { ProductPick } from "../offer/products";
import { useRosters } from "../segment/rosters";
import type { Draft } from "./terms";
import { begun, draftOf, formOf, isWhole } from "./terms";

interface RewardFormProps {
  /** The reward to be changed; a new one without. */
  before: Reward | null;
  close: () => void;
}

/** What a reward is to be. */
export function RewardForm({ before, close }: RewardFormProps) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const [draft, setDraft] = useState<Draft>(() =>
    before ? draftOf(before) : begun(instantOf(`${day(new Date(), zone)} 00:00`, zone)),
  );
  const put = (part: Partial<Draft>) => setDraft((own) => ({ ...own, ...part }));
  const options = useSaved(close);
  const make = useAct("POST /rewards", OF_REWARDS, options);
  const edit = useAct("PUT /rewards/{reward_id}", OF_REWARDS, options);
  const save = () => {
    const body = formOf(draft);
    if (before) edit.mutate({ path: { reward_id: before.reward_id }, body });
    else make.mutate({ body });
  };
  return (
    <Modal
      open
      width={640}
      title={t(before ? "reward.edit" : "reward.new")}
      okText={t("act.save")}
      okButtonProps={{ disabled: !isWhole(draft) }}
      confirmLoading={make.isPending || edit.isPending}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <NameFields draft={draft} put={put} />
        <GivesFields draft={draft} put={put} />
        <PriceFields draft={draft} put={put} />
        <WhoFields draft={draft} put={put} />
        <SpanFields span={draft} put={put} />
        {before && <p className="soft small">{t("reward.edit_how")}</p>}
      </div>
    </Modal>
  );
}

interface FieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
}

/** Coupons among which somebody chooses. */
const COUPONS = 200;

function GivesFields({ draft, put }: FieldsProps) {
  const { t } = useTranslation();
  const coupons = useApi("GET /coupons", { query: { limit: COUPONS } });
  const usable = (coupons.data?.data ?? []).filter((one) => !one.ended_at);
  return (
    <fieldset className="stack">
      <legend>{t("reward.gives")}</legend>
      <Radio.Group
        aria-label={t("reward.gives")}
        value={draft.kind}
        options={(["product", "coupon"] as const).map((value) => ({
          value,
          label: t(`reward.kind.${value}`),
        }))}
        onChange={(event) => put({ kind: event.target.value as Draft["kind"] })}
      />
      {draft.kind === "product" ? (
        <div className="row">
          <ProductPick product={draft.product} set={(product) => put({ product })} />
          <InputNumber
            aria-label={t("offer.how_many")}
            min={1}
            precision={0}
            prefix="×"
            style={{ width: 110 }}
            value={draft.pieces}
            onChange={(pieces) => put({ pieces })}
          />
        </div>
      ) : (
        <Select
          aria-label={t("reward.kind.coupon")}
          placeholder={t("reward.kind.coupon")}
          value={draft.coupon}
          options={usable.map((one) => ({ value: one.coupon_id, label: one.name }))}
          onChange={(coupon) => put({ coupon })}
        />
      )}
    </fieldset>
  );
}

function PriceFields({ draft, put }: FieldsProps) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor("stored");
  return (
    <div className="row wrap">
      <label className="stack">
        <span>{t("reward.points")}</span>
        <InputNumber
          aria-label={t("reward.points")}
          min={1}
          precision={0}
          style={{ width: 140 }}
          value={draft.points}
          onChange={(points) => put({ points })}
        />
      </label>
      <label className="stack">
        <span>{t("reward.cash")}</span>
        <InputNumber
          aria-label={t("reward.cash")}
          min={0}
          precision={digits}
          suffix={currency}
          placeholder={t("quote.may_be_empty")}
          style={{ width: 160 }}
          value={draft.cash === null ? null : draft.cash / minor}
          onChange={(own) => put({ cash: own === null ? null : Math.round(own * minor) })}
        />
      </label>
      <label className="stack">
        <span>{t("reward.hold_hours")}</span>
        <InputNumber
          aria-label={t("reward.hold_hours")}
          min={1}
          max={2_160}
          precision={0}
          style={{ width: 140 }}
          value={draft.hold_hours}
          onChange={(hold_hours) => put({ hold_hours })}
        />
      </label>
    </div>
  );
}

function WhoFields({ draft, put }: FieldsProps) {
  const { t } = useTranslation();
  const { tier } = useRosters(["tier"]);
  return (
    <>
      <LimitFields draft={draft} put={put} />
      <label className="stack">
        <span>{t("coupon.tiers")}</span>
        <Select
          mode="multiple"
          aria-label={t("coupon.tiers")}
          placeholder={t("earn.everybody")}
          options={tier}
          value={draft.tiers}
          onChange={(tiers) => put({ tiers })}
        />
      </label>
    </>
  );
}
