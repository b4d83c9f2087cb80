import { CloseOutlined } from "@ant-design/icons";
import { Button, Checkbox, InputNumber, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSaved } from "../../../part/form";
import { MostField } from "../../offer/most";
import { PERCENT } from "../../offer/terms";
import { OF_PROMOTIONS, useAct } from "../../../api/hooks";
import type { Stacking, Stage } from "../../../api/shape";
import { CashFields } from "./cash";
import { OrderField } from "./order";
import type { Draft } from "./terms";
import {
  areApart,
  BASES,
  draftOf,
  isWhole,
  OVERLAPS,
  PAIRS,
  STAGES,
  stackingOf,
  withPair,
} from "./terms";

/** How offers are to go together. */
export function StackingForm({ before, close }: { before: Stacking; close: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>(() => draftOf(before));
  const put = (part: Partial<Draft>) => setDraft((own) => ({ ...own, ...part }));
  const save = useAct("PUT /stacking", OF_PROMOTIONS, useSaved(close));
  return (
    <Modal
      open
      width={640}
      title={t("stacking.one")}
      okText={t("act.save")}
      okButtonProps={{ disabled: !isWhole(draft) }}
      confirmLoading={save.isPending}
      cancelText={t("act.cancel")}
      onOk={() => save.mutate({ body: stackingOf(draft) })}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <OrderField order={draft.order} set={(order) => put({ order })} />
        <Choice
          label={t("stacking.base")}
          value={draft.base}
          options={BASES.map((value) => ({ value, label: t(`stacking.base_text.${value}`) }))}
          set={(base) => put({ base })}
        />
        <OnceFields once={draft.once} set={(once) => put({ once })} />
        <ApartFields apart={draft.apart} set={(apart) => put({ apart })} />
        <LimitFields draft={draft} put={put} />
        <Checkbox
          checked={draft.below_cost}
          onChange={(event) => put({ below_cost: event.target.checked })}
        >
          {t("stacking.below_cost_text")}
        </Checkbox>
        <CashFields cash={draft.cash} set={(cash) => put({ cash })} />
        <Choice
          label={t("stacking.overlap")}
          value={draft.overlap}
          options={OVERLAPS.map((value) => ({ value, label: t(`stacking.overlap_text.${value}`) }))}
          set={(overlap) => put({ overlap })}
        />
        <p className="soft small">{t("stacking.edit_how")}</p>
      </div>
    </Modal>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  set: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, set }: ChoiceProps<T>) {
  return (
    <div className="stack">
      <span>{label}</span>
      <Radio.Group
        vertical
        aria-label={label}
        value={value}
        options={options}
        onChange={(event) => set(event.target.value as T)}
      />
    </div>
  );
}

function OnceFields({ once, set }: { once: Stage[][]; set: (once: Stage[][]) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <fieldset className="stack">
      <legend>{t("stacking.once")}</legend>
      {once.map((stages, at) => (
        <div key={at} className="row">
          <Select
            key={i18n.language}
            mode="multiple"
            aria-label={t("stacking.once")}
            style={{ minWidth: 320 }}
            value={stages}
            options={STAGES.map((value) => ({ value, label: t(`stacking.stage.${value}`) }))}
            onChange={(next: Stage[]) => set(once.map((own, place) => (place === at ? next : own)))}
          />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t("act.delete")}
            onClick={() => set(once.filter((_, place) => place !== at))}
          />
        </div>
      ))}
      <div>
        <Button size="small" onClick={() => set([...once, []])}>
          {t("stacking.add_once")}
        </Button>
      </div>
      <span className="soft small">{t("stacking.once_how")}</span>
    </fieldset>
  );
}

type Apart = Stacking["apart"];

function ApartFields({ apart, set }: { apart: Apart; set: (apart: Apart) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="stack">
      <legend>{t("stacking.apart")}</legend>
      {PAIRS.map((pair) => (
        <Checkbox
          key={pair.join()}
          checked={areApart(apart, pair)}
          onChange={(event) => set(withPair(apart, pair, event.target.checked))}
        >
          {pair.map((stage) => t(`stacking.stage.${stage}`)).join(" + ")}
        </Checkbox>
      ))}
    </fieldset>
  );
}

interface LimitFieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
}

function LimitFields({ draft, put }: LimitFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {(["promotions", "coupons"] as const).map((name) => (
        <MostField
          key={name}
          label={t(`stacking.limit_${name}`)}
          none={t("stacking.no_limit")}
          value={draft[name]}
          set={(most) => put({ [name]: most })}
        />
      ))}
      <label className="row">
        <span>{t("stacking.share_most")}</span>
        <InputNumber
          min={0.1}
          max={100}
          precision={1}
          suffix="%"
          style={{ width: 120 }}
          value={draft.share_most === null ? null : draft.share_most / PERCENT}
          onChange={(own) => put({ share_most: own === null ? null : Math.round(own * PERCENT) })}
        />
      </label>
    </>
  );
}
