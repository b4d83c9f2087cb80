import { Button, InputNumber, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../../api/hooks";
import { useSaved } from "../../../part/form";
import { useErrorText } from "../../../part/state";
import { Foreseen } from "./foreseen";
import { LevelFields } from "./level";
import type { Plan } from "./terms";
import { isWhole, KEEP_OF, KEEPS, levelsOf, WINDOW_OF, WINDOWS } from "./terms";

interface PlanFormProps {
  before: Plan;
  tiers: Tier[];
  close: () => void;
}

/** How customers come to levels, and what levels bring; first what it would do, then done. */
export function PlanForm({ before, tiers, close }: PlanFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fresh = (before.levels ?? []).length === 0;
  const [plan, setPlan] = useState<Plan>(fresh ? { ...before, active: true } : before);
  const usual = useApi("GET /tiers/plan/usual");
  const save = useAct("PUT /tiers/plan", OF_MEMBERS, useSaved(close));
  const told = useAct("POST /tiers/plan/preview", []);
  const levels = levelsOf(plan, tiers);
  const whole = { ...plan, levels };
  const put = (part: Partial<Plan>) => setPlan((own) => ({ ...own, ...part }));
  return (
    <Modal
      open
      width={720}
      title={t("tier.plan.one")}
      okText={t("act.save")}
      okButtonProps={{ disabled: !isWhole(whole) }}
      confirmLoading={save.isPending}
      cancelText={t("act.cancel")}
      onOk={() => save.mutate({ body: whole })}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <div className="row apart">
          <label className="row">
            <Switch
              checked={plan.active}
              onChange={(active) => put({ active })}
              aria-label={t("tier.plan.active")}
            />
            <span>{t("tier.plan.active")}</span>
          </label>
          <Button
            disabled={!usual.data}
            onClick={() => usual.data && setPlan({ ...usual.data, active: plan.active })}
          >
            {t("tier.plan.suggest")}
          </Button>
        </div>
        <span className="soft small">{t("tier.plan.suggest_how")}</span>
        {levels.map((level, at) => {
          const tier = tiers[at];
          if (!tier) return null;
          const set = (next: typeof level) =>
            put({ levels: levels.map((own, place) => (place === at ? next : own)) });
          return <LevelFields key={level.tier} tier={tier} level={level} set={set} />;
        })}
        <TimeFields plan={plan} put={put} />
        <div>
          <Button
            loading={told.isPending}
            disabled={!isWhole(whole)}
            onClick={() => told.mutate({ body: whole })}
          >
            {t("tier.plan.ask")}
          </Button>
        </div>
        {told.error && <p role="alert">{errorText(told.error)}</p>}
        {told.data && <Foreseen told={told.data} tiers={tiers} />}
      </div>
    </Modal>
  );
}

interface FieldsProps {
  plan: Plan;
  put: (part: Partial<Plan>) => void;
}

/** Over which time what customers did counts, and for which time levels stay. */
function TimeFields({ plan, put }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const days = (value: number | undefined, set: (days: number) => void, label: string) => (
    <InputNumber
      aria-label={label}
      min={1}
      max={3660}
      precision={0}
      suffix={t("tier.plan.days")}
      value={value ?? 365}
      onChange={(next) => set(next ?? 365)}
    />
  );
  const { window, keep } = plan;
  return (
    <>
      <div className="row">
        <span>{t("tier.plan.window")}</span>
        <Select
          key={i18n.language}
          aria-label={t("tier.plan.window")}
          value={window.kind}
          style={{ minWidth: 160 }}
          options={WINDOWS.map((kind) => ({ value: kind, label: t(`tier.plan.windows.${kind}`) }))}
          onChange={(kind) => put({ window: WINDOW_OF[kind] })}
        />
        {window.kind === "days" &&
          days(
            window.days ?? undefined,
            (next) => put({ window: { kind: "days", days: next } }),
            t("tier.plan.window_days"),
          )}
      </div>
      <div className="row">
        <span>{t("tier.plan.keep")}</span>
        <Select
          key={i18n.language}
          aria-label={t("tier.plan.keep")}
          value={(keep.next ? "year_next" : keep.kind) as (typeof KEEPS)[number]}
          style={{ minWidth: 220 }}
          options={KEEPS.map((kind) => ({
            value: kind,
            label: t(`tier.plan.keeps.${kind}`),
          }))}
          onChange={(kind) =>
            put({ keep: KEEP_OF[kind], one_step: kind !== "met" && plan.one_step })
          }
        />
        {keep.kind === "days" &&
          days(
            keep.days ?? undefined,
            (next) => put({ keep: { kind: "days", days: next } }),
            t("tier.plan.keep_days"),
          )}
      </div>
      <div className="row">
        {(["grace_days", "wait_days"] as const).map((name) => (
          <label key={name} className="stack">
            <span>{t(`tier.plan.${name}`)}</span>
            <InputNumber
              min={0}
              max={3660}
              precision={0}
              suffix={t("tier.plan.days")}
              value={plan[name] ?? 0}
              onChange={(next) => put({ [name]: next ?? 0 })}
            />
            <span className="soft small">{t(`tier.plan.${name}_how`)}</span>
          </label>
        ))}
      </div>
      <label className="row">
        <Switch
          checked={plan.one_step ?? false}
          disabled={keep.kind === "met"}
          onChange={(one_step) => put({ one_step })}
          aria-label={t("tier.plan.one_step")}
        />
        <span>{t("tier.plan.one_step")}</span>
      </label>
    </>
  );
}
