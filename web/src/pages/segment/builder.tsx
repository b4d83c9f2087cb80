import { QueryBuilderAntD } from "@react-querybuilder/antd";
import { Button, Checkbox, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type {
  ActionProps,
  NotToggleProps,
  RuleGroupType,
  ValueSelectorProps,
} from "react-querybuilder";
import { QueryBuilder } from "react-querybuilder";
import type { Segment, Words } from "../../api/shape";
import { Often } from "./often";
import "./segment.css";
import { Known, ValueEditor } from "./value";
import type { BuilderField } from "./words";
import { builderFields } from "./words";

interface BuilderProps {
  words: Words;
  segments: Segment[];
  query: RuleGroupType;
  change: (query: RuleGroupType) => void;
}

function byName(fields: BuilderField[]): Map<string, BuilderField> {
  const inner = fields.flatMap((one) => (one.subproperties ?? []) as unknown as BuilderField[]);
  return new Map([...inner, ...fields].map((one) => [one.name, one]));
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

/** Conditions, put together in words. */
export function Builder({ words, segments, query, change }: BuilderProps) {
  const { t } = useTranslation();
  const fields = useMemo(() => builderFields(words, t), [words, t]);
  const known = useMemo(() => ({ segments, fields: byName(fields) }), [segments, fields]);
  const combinators = ["and", "or"].map((name) => ({
    name,
    value: name,
    label: t(`segment.combinator.${name}`),
  }));
  const named = (key: string) => ({ label: t(`segment.${key}`), title: t(`segment.${key}`) });
  return (
    <div className="builder">
      <Known.Provider value={known}>
        <QueryBuilderAntD>
          <QueryBuilder
            fields={fields}
            query={query}
            onQueryChange={change}
            combinators={combinators}
            getSubQueryBuilderProps={() => ({ combinators, showNotToggle: true })}
            showNotToggle
            showCloneButtons
            controlElements={{
              valueEditor: ValueEditor,
              matchModeEditor: Often,
              actionElement: Act,
              notToggle: Not,
              valueSelector: Pick,
            }}
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
        </QueryBuilderAntD>
      </Known.Provider>
    </div>
  );
}
