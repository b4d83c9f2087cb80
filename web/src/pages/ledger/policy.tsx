import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Liability, Policy, UnitName } from "../../api/shape";
import { OF_LEDGER, useAct } from "../../api/hooks";
import { FormModal, useSaved } from "../../part/form";
import { useShop } from "../../session";
import { useAmount } from "./unit";

const KINDS = ["never", "rolling", "calendar", "inactivity"] as const;
const SPANS = ["day", "month", "year"] as const;
const ROUNDS = ["day", "month", "quarter", "year"] as const;
const LIMITS = [
  "approval_above",
  "adjusted_a_day",
  "spent_at_once",
  "spent_a_day",
  "spent_a_month",
] as const;

/** The rules of a unit in a sentence. */
export function usePolicyText() {
  const { t } = useTranslation();
  const amount = useAmount();
  return (unit: UnitName, policy: Policy): string => {
    const { kind, count, span, round, days } = policy.expiry;
    const until = t(`ledger.expiry_text.${kind}`, {
      span: t(`ledger.span_text.${span ?? "year"}`, { count: count ?? 0 }),
      round: round && round !== "day" ? t(`ledger.round_text.${round}`) : "",
      days: days?.join(t("ledger.comma")),
    });
    const limits = LIMITS.filter((own) => policy[own] !== null).map((own) =>
      t(`ledger.limit_text.${own}`, { amount: amount(unit, policy[own] ?? 0) }),
    );
    return [until, ...limits].join(t("ledger.stop"));
  };
}

interface PolicyFormProps {
  one: Liability;
  close: () => void;
}

/** The rules of a unit, to be changed. */
export function PolicyForm({ one, close }: PolicyFormProps) {
  const { t } = useTranslation();
  const [policy, setPolicy] = useState<Policy>(one.policy);
  const save = useAct("PUT /ledger/{unit}/policy", OF_LEDGER, useSaved(close));
  const put = (part: Partial<Policy>) => setPolicy((own) => ({ ...own, ...part }));
  return (
    <FormModal
      title={t("ledger.rules_of", { unit: t(`ledger.unit.${one.unit}`) })}
      ready
      busy={save.isPending}
      save={() => save.mutate({ path: { unit: one.unit }, body: policy })}
      close={close}
    >
      <ExpiryFields policy={policy} put={put} />
      {LIMITS.filter((own) => one.unit !== "growth" || !own.startsWith("spent")).map((own) => (
        <LimitField key={own} name={own} unit={one.unit} value={policy[own]} put={put} />
      ))}
      <label className="row">
        <Switch
          checked={policy.debt}
          aria-label={t("ledger.debt")}
          onChange={(debt) => put({ debt })}
        />
        <span>{t("ledger.debt")}</span>
      </label>
      <p className="soft small">{t("ledger.debt_how")}</p>
      <p className="soft small">{t("ledger.rules_how")}</p>
    </FormModal>
  );
}

interface FieldsProps {
  policy: Policy;
  put: (part: Partial<Policy>) => void;
}

function ExpiryFields({ policy, put }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const { expiry } = policy;
  const counted = expiry.kind === "rolling" || expiry.kind === "inactivity";
  const choose = (kind: (typeof KINDS)[number]) => {
    if (kind === "never") put({ expiry: { kind } });
    else if (kind === "calendar") put({ expiry: { kind, days: expiry.days ?? ["12-31"] } });
    else {
      const { count = 1, span = "year", round = "day" } = expiry;
      put({ expiry: { kind, count, span, ...(kind === "rolling" ? { round } : {}) } });
    }
  };
  const change = (part: Partial<Policy["expiry"]>) => put({ expiry: { ...expiry, ...part } });
  return (
    <>
      <label className="stack">
        <span>{t("ledger.expiry")}</span>
        <Select
          key={i18n.language}
          value={expiry.kind}
          onChange={choose}
          options={KINDS.map((kind) => ({ value: kind, label: t(`ledger.expiry_kind.${kind}`) }))}
        />
      </label>
      {counted && (
        <div className="row">
          <InputNumber
            aria-label={t("ledger.count")}
            min={1}
            max={3660}
            precision={0}
            value={expiry.count ?? 1}
            onChange={(count) => change({ count: count ?? 1 })}
          />
          <Select
            key={i18n.language}
            aria-label={t("ledger.span")}
            value={expiry.span ?? "year"}
            onChange={(span) => change({ span })}
            options={SPANS.map((span) => ({ value: span, label: t(`ledger.span_name.${span}`) }))}
          />
          {expiry.kind === "rolling" && (
            <Select
              key={`round ${i18n.language}`}
              aria-label={t("ledger.round")}
              value={expiry.round ?? "day"}
              onChange={(round) => change({ round })}
              options={ROUNDS.map((own) => ({ value: own, label: t(`ledger.round_name.${own}`) }))}
            />
          )}
        </div>
      )}
      {expiry.kind === "calendar" && (
        <label className="stack">
          <span>{t("ledger.days")}</span>
          <Input
            value={(expiry.days ?? []).join(" ")}
            placeholder="06-30 12-31"
            onChange={(event) => change({ days: event.target.value.split(" ").slice(0, 20) })}
          />
        </label>
      )}
    </>
  );
}

interface LimitFieldProps {
  name: (typeof LIMITS)[number];
  unit: UnitName;
  value: number | null;
  put: (part: Partial<Policy>) => void;
}

/** A limit, or none; stored value is given in the shop's money. */
function LimitField({ name, unit, value, put }: LimitFieldProps) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor(unit);
  return (
    <label className="stack">
      <span>{t(`ledger.limit.${name}`)}</span>
      <InputNumber
        min={0}
        precision={digits}
        value={value === null ? null : value / minor}
        placeholder={t("ledger.no_limit")}
        suffix={currency}
        style={{ width: "100%" }}
        onChange={(own) => put({ [name]: own === null ? null : Math.round(own * minor) })}
      />
    </label>
  );
}

interface Minor {
  /** Minor units of what people type. */
  minor: number;
  /** Digits after the point. */
  digits: number;
  currency: string | undefined;
}

/** How amounts of a unit are typed: stored value as money, the others as whole numbers. */
export function useMinor(unit: UnitName): Minor {
  const { currency } = useShop();
  if (unit !== "stored") return { minor: 1, digits: 0, currency: undefined };
  const money = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = money.resolvedOptions().maximumFractionDigits ?? 2;
  return { minor: 10 ** digits, digits, currency };
}
