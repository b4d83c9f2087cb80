import { Button, InputNumber, Select } from "antd";
import { useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType, RuleProps } from "react-querybuilder";
import { findPath, prepareRuleGroup, Rule } from "react-querybuilder";
import { Conditions } from "./conditions";
import type { Step } from "./step";
import { begun, canFollow, chained, inUnit, isNever, stepsOf } from "./step";
import { unitsLeast, unitsMost, withoutStep, withStep } from "./step";
import { Known } from "./value";
import type { BuilderField } from "./words";
import { replaced, UNITS } from "./words";

const NOTHING: RuleGroupType = { combinator: "and", rules: [] };
/** A time to begin with where there was none. */
const WITHIN = { count: 7, unit: "day" };

/** A condition, and what has to follow where it is about what people did. */
export function Followed(props: RuleProps) {
  const { fields } = useContext(Known);
  const many = Boolean(fields.get(props.rule.field)?.subproperties);
  return (
    <div className="did">
      <Rule {...props} />
      {many && <Steps {...props} />}
    </div>
  );
}

function Steps({ rule, path, schema }: RuleProps) {
  const { t } = useTranslation();
  const { fields } = useContext(Known);
  const collections = [...fields.values()].filter((one) => one.subproperties);
  const steps = stepsOf(rule);
  // Several changes may come before this is drawn again.
  const change = (next: (now: Step[]) => Step[]) => {
    const query = schema.getQuery() as RuleGroupType;
    const now = stepsOf(findPath(path, query) ?? rule);
    schema.dispatchQuery(replaced(query, path, { then: chained(next(now)) }) as never);
  };
  return (
    <div className="steps">
      {steps.map((step, at) => (
        <StepRow
          key={at}
          step={step}
          collections={collections}
          last={at === steps.length - 1}
          change={(part) => change((now) => withStep(now, at, part))}
          remove={() => change((now) => withoutStep(now, at))}
        />
      ))}
      {canFollow(steps) && (
        <Button
          size="small"
          type="text"
          onClick={() => change((now) => [...now, begun(collections.map((one) => one.name))])}
        >
          {t("segment.step.add")}
        </Button>
      )}
    </div>
  );
}

interface StepRowProps {
  step: Step;
  collections: BuilderField[];
  last: boolean;
  change: (part: Partial<Step>) => void;
  remove: () => void;
}

function StepRow({ step, collections, last, change, remove }: StepRowProps) {
  const { t } = useTranslation();
  const of = collections.find((one) => one.name === step.field);
  const { value } = step;
  const rows = useMemo(
    () => prepareRuleGroup(typeof value === "object" && value !== null ? value : { ...NOTHING }),
    [value],
  );
  return (
    <div className="step" role="group" aria-label={t("segment.step.name")}>
      <Select
        aria-label={t("segment.step.mode_title")}
        value={isNever(step) ? "none" : "some"}
        options={["some", "none"].map((mode) => ({
          value: mode,
          label: t(`segment.step.mode.${mode}`),
          // Nothing can follow what must not happen.
          disabled: mode === "none" && !last,
        }))}
        popupMatchSelectWidth={false}
        onChange={(mode) => change({ match: { mode } })}
      />
      <Select
        aria-label={t("segment.step.what_title")}
        value={step.field}
        options={collections.map((one) => ({ value: one.name, label: one.label }))}
        popupMatchSelectWidth={false}
        onChange={(field) => change({ field })}
      />
      <Within step={step} change={change} />
      <Conditions
        key={`${step.field} ${rows.id}`}
        fields={(of?.subproperties ?? []) as unknown as BuilderField[]}
        query={rows}
        change={(next) => change({ value: next })}
        tells={false}
      />
      <Button
        size="small"
        type="text"
        className="step-remove"
        title={t("segment.step.remove")}
        aria-label={t("segment.step.remove")}
        onClick={remove}
      >
        ×
      </Button>
    </div>
  );
}

/** How long after, or at any time. */
function Within({ step, change }: Pick<StepRowProps, "step" | "change">) {
  const { t } = useTranslation();
  const { within } = step;
  const unit = within?.unit ?? "day";
  const count = within?.count ?? null;
  return (
    <>
      <Select
        aria-label={t("segment.step.within_title")}
        value={within ? "within" : "ever"}
        options={["within", "ever"].map((one) => ({
          value: one,
          label: t(`segment.step.time.${one}`),
        }))}
        popupMatchSelectWidth={false}
        onChange={(next) => change({ within: next === "within" ? WITHIN : undefined })}
      />
      {within && (
        <>
          <InputNumber
            aria-label={t("segment.window.count")}
            min={unitsLeast(unit)}
            max={unitsMost(unit)}
            precision={0}
            value={count}
            style={{ width: 80 }}
            onChange={(next) => change({ within: { count: next, unit } })}
          />
          <Select
            aria-label={t("segment.window.unit")}
            value={unit}
            options={UNITS.map((one) => ({ value: one, label: t(`segment.unit.${one}`) }))}
            popupMatchSelectWidth={false}
            onChange={(next) => change({ within: inUnit(count, next) })}
          />
        </>
      )}
    </>
  );
}
