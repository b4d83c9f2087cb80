import { Button, Checkbox, Select } from "antd";
import { useMemo } from "react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type {
  ActionProps,
  NotToggleProps,
  RuleGroupType,
  RuleProps,
  ValueSelectorProps,
} from "react-querybuilder";
import { QueryBuilder } from "react-querybuilder";
import { Often } from "./often";
import { ValueEditor } from "./value";
import type { BuilderField } from "./words";

interface ConditionsProps {
  fields: BuilderField[];
  query: RuleGroupType;
  change: (query: RuleGroupType) => void;
  /** What one condition looks like, where it is more than a condition on a field. */
  rule?: ComponentType<RuleProps>;
  /** Whether the conditions are told once when they are first shown, with ids that they lacked. */
  tells?: boolean;
}

function Act({ handleOnClick, label, title, disabled }: ActionProps) {
  return (
    <Button
      size="small"
      type="text"
      title={title}
      aria-label={title}
      disabled={Boolean(disabled)}
      onClick={handleOnClick}
    >
      {label}
    </Button>
  );
}

interface Choice {
  name: string;
  label: string;
}

/** Fields, comparisons and the like, found by typing. */
function Pick({ options, value, handleOnChange, title, disabled }: ValueSelectorProps) {
  const choices = options as unknown as Choice[];
  return (
    // What was dropped down once keeps its words otherwise, in whichever language they were.
    <Select
      key={title}
      showSearch
      aria-label={title}
      value={value ?? null}
      disabled={Boolean(disabled)}
      options={choices.map((one) => ({ value: one.name, label: one.label }))}
      optionFilterProp="label"
      popupMatchSelectWidth={false}
      className="builder-pick"
      onChange={handleOnChange}
    />
  );
}

function Not({ handleOnChange, checked, label }: NotToggleProps) {
  return (
    <Checkbox checked={checked} onChange={(event) => handleOnChange(event.target.checked)}>
      {label}
    </Checkbox>
  );
}

/** Conditions on the fields of customers, or of the rows of one thing. */
export function Conditions({ fields, query, change, rule, tells = true }: ConditionsProps) {
  const { t } = useTranslation();
  const combinators = ["and", "or"].map((name) => ({
    name,
    value: name,
    label: t(`segment.combinator.${name}`),
  }));
  const named = (key: string) => ({ label: t(`segment.${key}`), title: t(`segment.${key}`) });
  const controls = useMemo(
    () => ({
      valueEditor: ValueEditor,
      matchModeEditor: Often,
      actionElement: Act,
      notToggle: Not,
      valueSelector: Pick,
      ...(rule ? { rule } : {}),
    }),
    [rule],
  );
  return (
    <QueryBuilder
      fields={fields}
      query={query}
      onQueryChange={change}
      enableMountQueryChange={tells}
      combinators={combinators}
      getSubQueryBuilderProps={() => ({ combinators, showNotToggle: true })}
      showNotToggle
      showCloneButtons
      controlElements={controls}
      getDefaultValue={() => ""}
      translations={{
        fields: { title: t("segment.field_title") },
        operators: { title: t("segment.operator_title") },
        value: { title: t("segment.value_title") },
        combinators: { title: t("segment.combinator_title") },
        matchMode: { title: t("segment.mode_title") },
        matchThreshold: { title: t("segment.threshold_title") },
        addRule: named("add_rule"),
        addGroup: named("add_group"),
        removeRule: { label: "×", title: t("segment.remove_rule") },
        removeGroup: { label: "×", title: t("segment.remove_group") },
        cloneRule: named("clone_rule"),
        cloneRuleGroup: named("clone_rule"),
        notToggle: named("not"),
      }}
    />
  );
}
