import { InputNumber, Select } from "antd";
import { useContext } from "react";
import { useTranslation } from "react-i18next";
import type { MatchModeEditorProps, RuleGroupType, ValueEditorProps } from "react-querybuilder";
import { findPath } from "react-querybuilder";
import { Known, ValueEditor } from "./value";
import type { BuilderField, Did, Measure } from "./words";
import { MEASURES, MODES, measureField, measureKind, replaced } from "./words";

type Match = { mode: string; threshold?: number };

/** How often something was done, or how much of it: the library knows the first only. */
export function Often({ path, schema, rule, fieldData, handleOnChange }: MatchModeEditorProps) {
  const { t } = useTranslation();
  const { fields } = useContext(Known);
  const query = schema.getQuery() as RuleGroupType;
  const own = (findPath(path, query) ?? rule) as Did;
  const inner = (fieldData.subproperties ?? []) as unknown as BuilderField[];
  const set = (part: Partial<Did>) => schema.dispatchQuery(replaced(query, path, part) as never);
  const measure = own.measure;
  const match = own.match as Match | undefined;
  const mode = measure?.of ?? match?.mode ?? "some";
  const pick = (next: string) => {
    if ((MODES as readonly string[]).includes(next)) {
      set({ measure: undefined, match: { mode: next, threshold: match?.threshold ?? 1 } as never });
      return;
    }
    const of = next as Measure["of"];
    const field = measureField(of, inner) ?? undefined;
    set({ match: undefined, measure: { of, field, ...started(of) } });
  };
  const change = (part: Partial<Measure>) => {
    if (measure) set({ measure: { ...measure, ...part } });
  };
  const options = [
    {
      label: t("segment.how_often"),
      options: MODES.map((one) => ({ value: one, label: t(`segment.mode.${one}`) })),
    },
    {
      label: t("segment.how_much"),
      options: MEASURES.filter((of) => measureField(of, inner) !== null).map((one) => ({
        value: one,
        label: t(`segment.measure.${one}`),
      })),
    },
  ];
  return (
    <>
      <Select
        aria-label={t("segment.mode_title")}
        value={mode}
        options={options}
        popupMatchSelectWidth={false}
        className="builder-pick"
        onChange={pick}
      />
      {!measure && ["atLeast", "atMost", "exactly"].includes(mode) && (
        <InputNumber
          aria-label={t("segment.threshold_title")}
          min={0}
          precision={0}
          value={match?.threshold ?? 1}
          style={{ width: 80 }}
          onChange={(next) => handleOnChange({ mode, threshold: next ?? 1 })}
        />
      )}
      {measure && <Much {...{ measure, inner, change, fields, schema, path }} />}
    </>
  );
}

function started(of: Measure["of"]): Pick<Measure, "operator" | "value"> {
  if (of === "first" || of === "last") {
    return { operator: "within", value: { last: 90, unit: "day" } };
  }
  return { operator: ">=", value: "" };
}

interface MuchProps {
  measure: Measure;
  inner: BuilderField[];
  fields: Map<string, BuilderField>;
  change: (part: Partial<Measure>) => void;
  schema: MatchModeEditorProps["schema"];
  path: number[];
}

/** A measure's field, and what it must be. */
function Much({ measure, inner, fields, change, schema, path }: MuchProps) {
  const { t } = useTranslation();
  const choices = inner.filter(
    (one) => one.name === measure.field || measureField(measure.of, [one]) !== null,
  );
  const of = measure.field ? inner.find((one) => one.name === measure.field) : undefined;
  const kind = measureKind(measure, of);
  const like = [...fields.values()].find((one) => one.kind === kind);
  const operators = (like?.operators ?? []) as { name: string; label: string }[];
  const usable = operators.filter(
    (one) => !["top", "anniversary", "lunarAnniversary"].includes(one.name),
  );
  if (kind !== "time") usable.push({ name: "top", label: t("segment.op.top") });
  const name = measure.of === "distinct" ? "" : (measure.field ?? "");
  const field = {
    ...(of ?? like),
    name,
    value: name,
    label: t(`segment.measure.${measure.of}`),
    kind,
  };
  return (
    <>
      {measure.field && (
        <Select
          aria-label={t("segment.measure_field")}
          value={measure.field}
          options={choices.map((one) => ({ value: one.name, label: one.label }))}
          popupMatchSelectWidth={false}
          onChange={(next) => change({ field: next })}
        />
      )}
      <Select
        aria-label={t("segment.operator_title")}
        value={measure.operator}
        options={usable.map((one) => ({ value: one.name, label: one.label }))}
        popupMatchSelectWidth={false}
        onChange={(next) => change({ operator: next, value: "" })}
      />
      <ValueEditor
        {...({ schema, path, level: path.length } as object as ValueEditorProps)}
        field="measure"
        fieldData={field as never}
        operator={measure.operator}
        value={measure.value as never}
        handleOnChange={(next: unknown) => change({ value: next })}
      />
    </>
  );
}
