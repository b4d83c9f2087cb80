import { AutoComplete, Input, InputNumber, Select } from "antd";
import { createContext, useContext } from "react";
import { useTranslation } from "react-i18next";
import type { ValueEditorProps } from "react-querybuilder";
import type { Segment } from "../../api/shape";
import { exponent, symbol } from "../../format";
import { STRATA } from "../../part/value";
import { useShop } from "../../session";
import { Stages } from "../lifecycle/stages";
import type { BuilderField, EditorProps } from "./words";
import { isMoney, NO_VALUE } from "./words";
import { TimeValue } from "./window";
import { isRoster, useRosters } from "./rosters";

/** Beyond this a number is a slip of the hand, and no longer exact. */
const SHOWN_MAX = 1e12;

/** What every editor of a builder knows; the library's own context ends at collections. */
export const Known = createContext<{ segments: Segment[]; fields: Map<string, BuilderField> }>({
  segments: [],
  fields: new Map(),
});

/** The value of a condition, as a person would write it. */
export function ValueEditor(props: ValueEditorProps) {
  const { t } = useTranslation();
  const { operator, value, handleOnChange } = props;
  const context = useContext(Known);
  // Within a collection the library hands over no more than a field's name.
  const field = context.fields.get(props.field) ?? (props.fieldData as BuilderField);
  const set = (next: unknown) => handleOnChange(next);
  const label = t("segment.value_of", { field: field.label });
  // How often something was done has no field.
  if (!field.kind) return <Threshold value={value as unknown} set={set} />;
  if (field.subproperties || NO_VALUE.has(operator)) return null;
  const editor = { field, operator, value: value as unknown, set, label };
  switch (field.kind) {
    case "time":
      return <TimeValue {...editor} />;
    case "number":
    case "fraction":
      return <NumberValue {...editor} />;
    case "truth":
      return (
        <Select
          aria-label={label}
          value={value === "" ? null : String(value)}
          style={{ width: 96 }}
          options={["true", "false"].map((one) => ({ value: one, label: t(`segment.say.${one}`) }))}
          onChange={(next) => set(next === "true")}
        />
      );
    case "day":
      if (operator === "anniversary") return <TimeValue {...editor} />;
      return <TextValue {...editor} placeholder={t("segment.day_example")} />;
    case "set":
      return <SetValue {...editor} segments={context.segments} />;
    default:
      return <TextValue {...editor} />;
  }
}

function Threshold({ value, set }: { value: unknown; set: (value: unknown) => void }) {
  const { t } = useTranslation();
  return (
    <InputNumber
      aria-label={t("segment.threshold_title")}
      min={0}
      precision={0}
      value={Number(value)}
      style={{ width: 80 }}
      onChange={(next) => set(next ?? 1)}
    />
  );
}

function NumberValue({ field, operator, value, set, label }: EditorProps) {
  const { t } = useTranslation();
  const { currency } = useShop();
  const money = isMoney(field.name);
  const fraction = field.kind === "fraction";
  const share = fraction && field.name === "random";
  const scale = money ? 10 ** exponent(currency) : share ? 0.01 : 1;
  const shown = (one: unknown) =>
    one === "" || one === null || one === undefined ? null : Number(one) / scale;
  const kept = (one: number | null) =>
    one === null ? "" : fraction && !money ? one * scale : Math.round(one * scale);
  const input = (one: unknown, change: (next: number | null) => void, name: string) => (
    <InputNumber
      aria-label={name}
      value={shown(one)}
      min={-SHOWN_MAX}
      max={SHOWN_MAX}
      style={{ width: 128 }}
      {...(money ? { prefix: symbol(currency) } : share ? { suffix: "%" } : {})}
      onChange={(next) => change(next as number | null)}
    />
  );
  if (operator === "between" || operator === "notBetween") {
    const [from, to] = Array.isArray(value) ? (value as unknown[]) : ["", ""];
    return (
      <span className="row">
        {input(from, (next) => set([kept(next), to ?? ""]), t("list.from"))}
        <span aria-hidden="true">–</span>
        {input(to, (next) => set([from ?? "", kept(next)]), t("list.to"))}
      </span>
    );
  }
  if (operator === "in" || operator === "notIn") {
    const all = Array.isArray(value) ? value.map(String) : [];
    return (
      <Select
        mode="tags"
        aria-label={label}
        value={all}
        style={{ minWidth: 200 }}
        onChange={(next: string[]) => set(next.map(Number).filter((n) => Number.isFinite(n)))}
      />
    );
  }
  if (operator === "top") return <TopValue {...{ value, set, label }} />;
  return input(value, (next) => set(kept(next)), label);
}

/** So many people, or a share of all. */
function TopValue({ value, set, label }: Pick<EditorProps, "value" | "set" | "label">) {
  const { t, i18n } = useTranslation();
  const share = typeof value === "object" && value !== null && "share" in value;
  const shown = share ? Math.round(Number(value.share) * 1000) / 10 : value;
  return (
    <>
      <InputNumber
        aria-label={label}
        min={share ? 0.1 : 1}
        max={share ? 100 : SHOWN_MAX}
        precision={share ? 1 : 0}
        value={typeof shown === "number" ? shown : null}
        onChange={(next) => set(next === null ? "" : share ? { share: next / 100 } : next)}
      />
      <Select
        key={i18n.language}
        aria-label={t("segment.window.unit")}
        value={share ? "share" : "count"}
        options={[
          { value: "count", label: t("segment.people_unit") },
          { value: "share", label: "%" },
        ]}
        popupMatchSelectWidth={false}
        onChange={(next) => set(next === "share" ? { share: 0.1 } : 100)}
      />
    </>
  );
}

/** Kinds of events that shops send first. */
const EVENTS = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"];

function holds(text: string | undefined, typed: string): boolean {
  return (text ?? "").toLowerCase().includes(typed.toLowerCase());
}

function TextValue(props: EditorProps & { placeholder?: string }) {
  const { field, operator, value, set, label, placeholder } = props;
  const { t } = useTranslation();
  const named = (one: string) => {
    if (field.name === "stratum") return t(`stratum.${one}`);
    if (field.name === "lifecycle") return t(`lifecycle.stage.${one}`);
    if (field.name === "gender") return t(`customer.gender_${one}`, { defaultValue: one });
    return one;
  };
  const known =
    field.name === "stratum" ? STRATA : field.name === "lifecycle" ? Stages : field.texts;
  const options = known.map((one) => ({ value: one, label: named(one) }));
  if (operator === "in" || operator === "notIn") {
    return (
      <Select
        mode="tags"
        aria-label={label}
        value={Array.isArray(value) ? (value as string[]) : []}
        options={options}
        optionFilterProp="label"
        placeholder={placeholder}
        style={{ minWidth: 200 }}
        onChange={set}
      />
    );
  }
  const equals = operator === "=" || operator === "!=";
  const closed = known.length > 0 && equals && !field.seen;
  if (closed) {
    return (
      <Select
        showSearch
        aria-label={label}
        value={value === "" ? null : (value as string)}
        options={options}
        optionFilterProp="label"
        style={{ minWidth: 160 }}
        onChange={set}
      />
    );
  }
  const usual = field.name === "event" ? EVENTS.filter((one) => !known.includes(one)) : [];
  if (equals && known.length + usual.length > 0) {
    return (
      <AutoComplete
        aria-label={label}
        value={String(value ?? "")}
        options={[...options, ...usual.map((one) => ({ value: one, label: one }))]}
        showSearch={{ filterOption: (typed, one) => holds(one?.value, typed) }}
        style={{ minWidth: 180 }}
        onChange={set}
      />
    );
  }
  return (
    <Input
      aria-label={label}
      value={String(value ?? "")}
      placeholder={placeholder ?? ""}
      style={{ width: 200 }}
      onChange={(event) => set(event.target.value)}
    />
  );
}

function SetValue(props: EditorProps & { segments: Segment[] }) {
  const { field, operator, value, set, label, segments } = props;
  const rosters = useRosters([field.name]);
  const usable = segments.filter((one) => one.state !== "draft");
  const options = isRoster(field.name)
    ? rosters[field.name]
    : usable.map((one) => ({ value: one.segment_id, label: one.name }));
  const several = operator === "in" || operator === "notIn";
  const shown = several
    ? { mode: "multiple" as const, value: Array.isArray(value) ? value : [] }
    : { value: value === "" ? null : value };
  return (
    <Select
      aria-label={label}
      {...(shown as object)}
      options={options}
      showSearch
      optionFilterProp="label"
      style={{ minWidth: 200 }}
      onChange={set}
    />
  );
}
