import { CloseOutlined } from "@ant-design/icons";
import { Button, Checkbox, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useMinor } from "../ledger/policy";
import type { FieldsProps } from "./form";
import type { Draft, Most, Step } from "./terms";
import { KINDS, PERCENT } from "./terms";

/** What a coupon does: how much off from how much on. */
export function EffectFields({ draft, put }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const { kind, steps } = draft;
  const change = (at: number, step: Step) =>
    put({ steps: steps.map((own, place) => (place === at ? step : own)) });
  const choose = (next: Draft["kind"]) =>
    put({ kind: next, most: null, steps: [{ from: steps[0]?.from ?? null, gives: null }] });
  return (
    <>
      <label className="stack">
        <span>{t("coupon.does")}</span>
        <Select
          key={i18n.language}
          aria-label={t("coupon.does")}
          value={kind}
          options={KINDS.map((own) => ({ value: own, label: t(`coupon.kind.${own}`) }))}
          onChange={choose}
        />
      </label>
      {steps.map((step, at) => (
        <div key={at} className="row">
          <StepFields kind={kind} step={step} set={(next) => change(at, next)} />
          {steps.length > 1 && (
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined aria-hidden />}
              aria-label={t("act.delete")}
              onClick={() => put({ steps: steps.filter((_, place) => place !== at) })}
            />
          )}
        </div>
      ))}
      {kind !== "free_shipping" && (
        <div>
          <Button
            size="small"
            onClick={() => put({ steps: [...steps, { from: null, gives: null }] })}
          >
            {t("coupon.add_step")}
          </Button>
        </div>
      )}
      {kind !== "amount_off" && (
        <MostField
          label={t("coupon.most")}
          none={t("coupon.no_most")}
          money
          value={draft.most}
          set={(most) => put({ most })}
        />
      )}
    </>
  );
}

interface StepFieldsProps {
  kind: Draft["kind"];
  step: Step;
  set: (step: Step) => void;
}

function StepFields({ kind, step, set }: StepFieldsProps) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor("stored");
  const free = step.from?.kind === "none";
  const share = kind === "percent_off";
  const unit = share ? PERCENT : minor;
  return (
    <>
      <InputNumber
        aria-label={t("coupon.from_money")}
        placeholder={t("coupon.from_money")}
        min={0}
        precision={digits}
        prefix={t("coupon.from_short")}
        suffix={currency}
        style={{ width: 180 }}
        disabled={free}
        value={step.from?.kind === "money" ? step.from.minor / minor : null}
        onChange={(own) =>
          set({ ...step, from: own ? { kind: "money", minor: Math.round(own * minor) } : null })
        }
      />
      <Checkbox
        checked={free}
        onChange={(event) => set({ ...step, from: event.target.checked ? { kind: "none" } : null })}
      >
        {t("coupon.from.none")}
      </Checkbox>
      {kind !== "free_shipping" && (
        <InputNumber
          aria-label={t(share ? "coupon.share_off" : "coupon.money_off")}
          placeholder={t(share ? "coupon.share_off" : "coupon.money_off")}
          min={0}
          max={share ? 100 : undefined}
          precision={share ? 1 : digits}
          suffix={share ? "%" : currency}
          style={{ width: 150 }}
          value={step.gives === null ? null : step.gives / unit}
          onChange={(own) => set({ ...step, gives: own ? Math.round(own * unit) : null })}
        />
      )}
    </>
  );
}

interface MostFieldProps {
  label: string;
  /** What no limit is called: it has to be chosen. */
  none: string;
  money?: boolean;
  value: Most | null;
  set: (most: Most | null) => void;
}

/** A number, or that there is no limit. */
export function MostField({ label, none, money, value, set }: MostFieldProps) {
  const { minor, digits, currency } = useMinor(money ? "stored" : "points");
  const free = value === "unlimited";
  return (
    <div className="row">
      <label className="row">
        <span>{label}</span>
        <InputNumber
          aria-label={label}
          min={1 / minor}
          precision={digits}
          suffix={currency}
          style={{ width: 160 }}
          disabled={free}
          value={typeof value === "number" ? value / minor : null}
          onChange={(own) => set(own ? Math.round(own * minor) : null)}
        />
      </label>
      <Checkbox checked={free} onChange={(event) => set(event.target.checked ? "unlimited" : null)}>
        {none}
      </Checkbox>
    </div>
  );
}
