import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EarnRule, UnitName } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { day } from "../../format";
import { DayField } from "../../part/day";
import { FormModal, useSaved } from "../../part/form";
import { useShop } from "../../session";
import { useMinor } from "../ledger/policy";
import { Boosts } from "./boosts";
import { SegmentField, Who } from "./fields";
import type { Terms, TriggerKind } from "./terms";
import { CAPS, FORMULAS, isOfOrders, isWhole, started, TRIGGERS } from "./terms";

const UNITS: UnitName[] = ["points", "growth", "stored"];
const STALE = ["GET /earn_rules" as const];

interface RuleFormProps {
  /** The rule to be changed; a new one without. */
  before: EarnRule | null;
  close: () => void;
}

function fresh(today: string): Terms {
  return {
    trigger: { kind: "order_paid" },
    formula: { kind: "per_money", amount: 1, per_minor: 100 },
    wait_days: 7,
    from: today,
  };
}

/** What a rule is to be. */
export function RuleForm({ before, close }: RuleFormProps) {
  const { t, i18n } = useTranslation();
  const { time_zone: zone } = useShop();
  const today = day(new Date(), zone);
  const [name, setName] = useState(before?.name ?? "");
  const [note, setNote] = useState(before?.note ?? "");
  const [unit, setUnit] = useState<UnitName>(before?.unit ?? "points");
  const [active, setActive] = useState(before?.active ?? true);
  const [terms, setTerms] = useState<Terms>(before?.terms ?? fresh(today));
  const put = (part: Partial<Terms>) => setTerms((own) => ({ ...own, ...part }));
  const options = useSaved(close);
  const make = useAct("POST /earn_rules", STALE, options);
  const edit = useAct("PUT /earn_rules/{rule_id}", STALE, options);
  const save = () => {
    const body = { name, note, unit, active, terms };
    if (before) edit.mutate({ path: { rule_id: before.rule_id }, body });
    else make.mutate({ body });
  };
  return (
    <FormModal
      title={t(before ? "earn.edit" : "earn.new")}
      ready={name.trim() !== "" && isWhole(terms)}
      busy={make.isPending || edit.isPending}
      save={save}
      close={close}
    >
      <label className="stack">
        <span>{t("earn.name")}</span>
        <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="stack">
        <span>{t("earn.note")}</span>
        <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </label>
      <label className="stack">
        <span>{t("earn.unit")}</span>
        <Select
          key={i18n.language}
          aria-label={t("earn.unit")}
          value={unit}
          disabled={before !== null}
          options={UNITS.map((own) => ({ value: own, label: t(`ledger.unit.${own}`) }))}
          onChange={setUnit}
        />
      </label>
      <TriggerFields terms={terms} put={put} />
      <FormulaFields terms={terms} unit={unit} put={put} />
      <Who condition={terms.condition ?? null} set={(condition) => put({ condition })} />
      <Boosts
        boosts={terms.boosts ?? []}
        orders={isOfOrders(terms.trigger.kind)}
        today={today}
        set={(boosts) => put({ boosts })}
      />
      <CapFields terms={terms} unit={unit} put={put} />
      <div className="row">
        <DayField
          label={t("earn.first_day")}
          value={terms.from}
          set={(from) => put({ from: from ?? terms.from })}
        />
        <DayField
          label={t("earn.last_day")}
          value={terms.to ?? null}
          none={t("earn.no_end")}
          set={(to) => put({ to })}
        />
      </div>
      <label className="row">
        <Switch checked={active} onChange={setActive} aria-label={t("earn.active")} />
        <span>{t("earn.active")}</span>
      </label>
    </FormModal>
  );
}

interface FieldsProps {
  terms: Terms;
  put: (part: Partial<Terms>) => void;
}

function TriggerFields({ terms, put }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const { trigger } = terms;
  const choose = (kind: TriggerKind) => {
    const orders = isOfOrders(kind);
    const formula = orders
      ? terms.formula
      : { kind: "fixed" as const, amount: terms.formula.amount };
    put({ trigger: started(kind), formula, ...(orders ? {} : { scope: undefined, wait_days: 0 }) });
  };
  return (
    <>
      <label className="stack">
        <span>{t("earn.trigger")}</span>
        <Select
          key={i18n.language}
          aria-label={t("earn.trigger")}
          value={trigger.kind}
          options={TRIGGERS.map((own) => ({ value: own, label: t(`earn.trigger_kind.${own}`) }))}
          onChange={choose}
        />
      </label>
      {(trigger.kind === "event" || trigger.kind === "streak") && (
        <label className="stack">
          <span>{t("earn.event")}</span>
          <Input
            value={trigger.event ?? ""}
            maxLength={100}
            onChange={(event) => put({ trigger: { ...trigger, event: event.target.value } })}
          />
        </label>
      )}
      {trigger.kind === "streak" && (
        <label className="stack">
          <span>{t("earn.streak_days")}</span>
          <InputNumber
            min={2}
            max={366}
            precision={0}
            value={trigger.days ?? 7}
            onChange={(days) => put({ trigger: { ...trigger, days: days ?? 7 } })}
          />
        </label>
      )}
      {trigger.kind === "segment" && (
        <SegmentField
          value={trigger.segment ? String(trigger.segment) : null}
          set={(segment) => put({ trigger: { ...trigger, segment: Number(segment) } })}
        />
      )}
      {isOfOrders(trigger.kind) && (
        <label className="stack">
          <span>{t("earn.wait_days")}</span>
          <InputNumber
            min={0}
            max={366}
            precision={0}
            value={terms.wait_days ?? 0}
            onChange={(days) => put({ wait_days: days ?? 0 })}
          />
          <span className="soft small">{t("earn.wait_how")}</span>
        </label>
      )}
    </>
  );
}

function FormulaFields({ terms, unit, put }: FieldsProps & { unit: UnitName }) {
  const { t, i18n } = useTranslation();
  const { formula, trigger, scope } = terms;
  const own = useMinor(unit);
  const money = useMinor("stored");
  const orders = isOfOrders(trigger.kind);
  const change = (part: Partial<Terms["formula"]>) => put({ formula: { ...formula, ...part } });
  const choose = (kind: (typeof FORMULAS)[number]) => {
    const { amount } = formula;
    put({ formula: kind === "per_money" ? { kind, amount, per_minor: 100 } : { kind, amount } });
  };
  return (
    <>
      {orders && (
        <label className="stack">
          <span>{t("earn.formula")}</span>
          <Select
            key={i18n.language}
            aria-label={t("earn.formula")}
            value={formula.kind}
            options={FORMULAS.map((one) => ({ value: one, label: t(`earn.formula_kind.${one}`) }))}
            onChange={choose}
          />
        </label>
      )}
      <div className="row">
        <label className="stack">
          <span>{t("earn.amount")}</span>
          <InputNumber
            min={0}
            precision={own.digits}
            value={formula.amount / own.minor}
            suffix={own.currency}
            onChange={(next) => change({ amount: Math.round((next ?? 0) * own.minor) })}
          />
        </label>
        {formula.kind === "per_money" && (
          <label className="stack">
            <span>{t("earn.per")}</span>
            <InputNumber
              min={0}
              precision={money.digits}
              value={(formula.per_minor ?? 100) / money.minor}
              suffix={money.currency}
              onChange={(next) => change({ per_minor: Math.round((next ?? 0) * money.minor) })}
            />
          </label>
        )}
      </div>
      {orders && (
        <label className="stack">
          <span>{t("earn.scope")}</span>
          <Select
            mode="tags"
            aria-label={t("earn.scope")}
            placeholder={t("earn.scope_all")}
            value={scope?.categories ?? []}
            onChange={(categories: string[]) => put({ scope: { ...scope, categories } })}
          />
        </label>
      )}
      {orders && (scope?.categories?.length ?? 0) > 0 && (
        <label className="row">
          <Switch
            checked={scope?.except ?? false}
            aria-label={t("earn.except")}
            onChange={(except) => put({ scope: { ...scope, except } })}
          />
          <span>{t("earn.except")}</span>
        </label>
      )}
    </>
  );
}

function CapFields({ terms, unit, put }: FieldsProps & { unit: UnitName }) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor(unit);
  return (
    <div className="row">
      {CAPS.map((cap) => (
        <label key={cap} className="stack">
          <span>{t(`earn.cap.${cap}`)}</span>
          <InputNumber
            min={0}
            precision={digits}
            value={terms.caps?.[cap] ? terms.caps[cap] / minor : null}
            placeholder={t("ledger.no_limit")}
            suffix={currency}
            onChange={(next) =>
              put({ caps: { ...terms.caps, [cap]: next ? Math.round(next * minor) : null } })
            }
          />
        </label>
      ))}
    </div>
  );
}
