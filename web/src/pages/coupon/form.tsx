import { Checkbox, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Coupon } from "../../api/shape";
import { OF_COUPONS, useAct, useApi } from "../../api/hooks";
import { day } from "../../format";
import { DayField } from "../../part/day";
import { useSaved } from "../../part/form";
import { useErrorText } from "../../part/state";
import { useMoney } from "../../part/value";
import { useShop } from "../../session";
import { EffectFields } from "../offer/effect";
import { MostField } from "../offer/most";
import { ScopeFields } from "../offer/scope";
import type { Draft, Terms } from "./terms";
import { draftOf, FRESH, isWhole, KINDS, LIMITS, termsOf, VALIDITIES } from "./terms";

interface CouponFormProps {
  /** The coupon to be changed; a new one without. */
  before: Coupon | null;
  close: () => void;
}

/** What a coupon is to be, with what it can cost at the most. */
export function CouponForm({ before, close }: CouponFormProps) {
  const { t } = useTranslation();
  const known = before && draftOf(before.terms);
  const [name, setName] = useState(before?.name ?? "");
  const [note, setNote] = useState(before?.note ?? "");
  const [draft, setDraft] = useState<Draft>(known ?? FRESH);
  const put = (part: Partial<Draft>) => setDraft((own) => ({ ...own, ...part }));
  const options = useSaved(close);
  const make = useAct("POST /coupons", OF_COUPONS, options);
  const edit = useAct("PUT /coupons/{coupon_id}", OF_COUPONS, options);
  const fixed = before !== null && known === null;
  const whole = fixed || isWhole(draft);
  const terms = fixed ? before.terms : termsOf(draft);
  const save = () => {
    const body = { name, note, terms };
    if (before) edit.mutate({ path: { coupon_id: before.coupon_id }, body });
    else make.mutate({ body });
  };
  return (
    <Modal
      open
      width={640}
      title={t(before ? "coupon.edit" : "coupon.new")}
      okText={t("act.save")}
      okButtonProps={{ disabled: !whole || name.trim() === "" }}
      confirmLoading={make.isPending || edit.isPending}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <label className="stack">
          <span>{t("coupon.name")}</span>
          <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="stack">
          <span>{t("coupon.note")}</span>
          <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
        </label>
        {fixed ? (
          <p className="soft">{t("coupon.fixed")}</p>
        ) : (
          <>
            <EffectFields draft={draft} put={put} kinds={KINDS} />
            <ScopeFields draft={draft} put={put} />
            <span className="soft small">{t("coupon.scope_how")}</span>
            <ValidityFields draft={draft} put={put} />
            <LimitFields draft={draft} put={put} />
          </>
        )}
        {before && <p className="soft small">{t("coupon.edit_how")}</p>}
        {whole && <Cost terms={terms} />}
      </div>
    </Modal>
  );
}

/** What it can cost at the most, said before it is made. */
function Cost({ terms }: { terms: Terms }) {
  const { t } = useTranslation();
  const money = useMoney();
  const errorText = useErrorText();
  const cost = useApi("POST /coupons/cost", { body: { terms } }, { keep: true });
  if (cost.error) return <p role="alert">{errorText(cost.error)}</p>;
  if (!cost.data) return null;
  const { total_minor, per_use_minor } = cost.data;
  const each = per_use_minor === null ? t("coupon.cost.no_end") : money.full(per_use_minor);
  return (
    <p role="status">
      {total_minor === null
        ? t("coupon.cost.unlimited", { each })
        : t("coupon.cost.total", { each, total: money.full(total_minor) })}
    </p>
  );
}

interface FieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
}

function ValidityFields({ draft, put }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const { time_zone: zone } = useShop();
  const { validity } = draft;
  const today = day(new Date(), zone);
  return (
    <div className="row">
      <Select
        key={i18n.language}
        aria-label={t("coupon.validity")}
        value={validity.kind as (typeof VALIDITIES)[number]}
        style={{ minWidth: 180 }}
        options={VALIDITIES.map((kind) => ({ value: kind, label: t(`coupon.validities.${kind}`) }))}
        onChange={(kind: (typeof VALIDITIES)[number]) =>
          put({ validity: kind === "days" ? { kind, days: 30 } : { kind, from: today, to: today } })
        }
      />
      {validity.kind === "days" ? (
        <InputNumber
          aria-label={t("coupon.days")}
          min={0}
          max={3660}
          precision={0}
          suffix={t("tier.plan.days")}
          value={validity.days ?? 30}
          onChange={(days) => put({ validity: { kind: "days", days: days ?? 30 } })}
        />
      ) : (
        (["from", "to"] as const).map((end) => (
          <DayField
            key={end}
            label={t(`list.date_${end}`)}
            value={validity[end] ?? null}
            set={(next) => put({ validity: { ...validity, [end]: next ?? today } })}
          />
        ))
      )}
    </div>
  );
}

function LimitFields({ draft, put }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {LIMITS.map((name) => (
        <MostField
          key={name}
          label={t(`coupon.limit.${name}`)}
          none={t(`coupon.unlimited.${name}`)}
          money={name === "budget"}
          value={draft.limits[name]}
          set={(most) => put({ limits: { ...draft.limits, [name]: most } })}
        />
      ))}
      {(["claimable", "transferable"] as const).map((name) => (
        <Checkbox
          key={name}
          checked={draft[name]}
          onChange={(event) => put({ [name]: event.target.checked })}
        >
          {t(`coupon.${name}`)}
        </Checkbox>
      ))}
    </>
  );
}
