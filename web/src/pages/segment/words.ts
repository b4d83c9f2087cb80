import type { TFunction } from "i18next";
import type { Field, FullOption, RuleGroupType, RuleType } from "react-querybuilder";
import type { FieldWord, Segment, Words } from "../../api/shape";
import type { Step } from "./step";
import { chained, stepsOf } from "./step";

/** Match modes that the server knows, in the order of a person's questions. */
export const MODES = ["some", "none", "atLeast", "atMost", "exactly"] as const;
export const UNITS = ["minute", "hour", "day", "week", "month", "quarter", "year"] as const;
export const CALENDARS = ["day", "week", "month", "quarter", "year"] as const;

/** Those that a person reads first; the rest follows in the server's order. */
const FIRST = [
  "last_order_at",
  "paid_orders",
  "net_minor",
  "stratum",
  "lifecycle",
  "tier",
  "province",
  "gender",
  "age_band",
  "segment",
];
/** Numbers that mean nothing to a person. */
const HIDDEN = new Set(["customer_id", "country"]);
/** Numbers that are names. */
const IDS = new Set(["order_id", "product_id"]);

/** A field as the builder has it, with what the server says of it. */
export interface BuilderField extends Field {
  kind: FieldWord["kind"];
  texts: string[];
  /** Whether its texts are those that were seen lately, and others may come. */
  seen?: boolean;
}

/** How much of something was done, in the place of how often. */
export interface Measure {
  of: (typeof MEASURES)[number];
  /** Days after which something counts half, where that is measured. */
  half_life?: number;
  field?: string | undefined;
  operator: string;
  value: unknown;
}

/** A condition, a group of them, or what stands between them. */
type Part = RuleType | RuleGroupType | string;
/** A behaviour. */
export type Did = RuleType & { measure?: Measure; then?: Step | null };

export const MEASURES = [
  "count",
  "recent",
  "sum",
  "average",
  "least",
  "most",
  "distinct",
  "first",
  "last",
] as const;
/** Measures of the rows themselves. */
const FIELDLESS = new Set<Measure["of"]>(["count", "recent", "first", "last"]);

/** The field that a measure begins with; undefined where it has none, null where it cannot be. */
export function measureField(of: Measure["of"], inner: BuilderField[]): string | undefined | null {
  if (FIELDLESS.has(of)) return undefined;
  const ids = inner.filter((one) => IDS.has(one.name));
  const numbers = inner.filter((one) => isNumber(one.kind) && !IDS.has(one.name));
  const texts = inner.filter((one) => one.kind === "text");
  if (of === "distinct") return [...ids, ...texts][0]?.name ?? null;
  const money = numbers.find((one) => isMoney(one.name) && !one.name.startsWith("unit_"));
  return (money ?? numbers[0])?.name ?? null;
}

function isNumber(kind: FieldWord["kind"]): boolean {
  return kind === "number" || kind === "fraction";
}

/** What the values of a measure are; `of` is the field that it is made of. */
export function measureKind(measure: Measure, of: BuilderField | undefined): FieldWord["kind"] {
  if (measure.of === "first" || measure.of === "last") return "time";
  if (measure.of === "average" || measure.of === "recent") return "fraction";
  if (measure.of === "least" || measure.of === "most") return of?.kind ?? "number";
  return measure.of === "sum" ? (of?.kind ?? "number") : "number";
}

/** Conditions in which the rule at a path has other parts. */
export function replaced(group: RuleGroupType, path: number[], part: object): RuleGroupType {
  const [first, ...rest] = path;
  const rules = group.rules.map((rule, at) => {
    if (at !== first || typeof rule === "string") return rule;
    if (rest.length > 0 && isGroup(rule)) return replaced(rule, rest, part);
    return { ...rule, ...part };
  });
  return { ...group, rules } as RuleGroupType;
}

function place(name: string): number {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}

export function useable(words: FieldWord[]): FieldWord[] {
  const shown = words.filter((word) => !HIDDEN.has(word.name));
  return [...shown].sort((a, b) => place(a.name) - place(b.name));
}

/** Customers have a number that is called like what they have many of; here it has its own name. */
const ORDER_COUNT = "orders.count";

function isCount(rule: RuleType): boolean {
  return rule.field === "orders" && !isBehaviour(rule);
}

/**
 * Rules with combinators between them as groups that mean the same: the builder has one combinator
 * for a group, and `and` binds more strongly.
 */
function parted(group: RuleGroupType): RuleGroupType {
  const rules = group.rules as Part[];
  if (!rules.some((rule) => typeof rule === "string")) return group;
  const any: Exclude<Part, string>[][] = [[]];
  for (const rule of rules) {
    if (typeof rule !== "string") any.at(-1)?.push(rule);
    else if (rule.toLowerCase() === "or") any.push([]);
  }
  const [first = []] = any;
  if (any.length === 1) return { ...group, combinator: "and", rules: first };
  const parts = any.map((all) => (all.length === 1 ? all[0] : { combinator: "and", rules: all }));
  return { ...group, combinator: "or", rules: parts } as RuleGroupType;
}

/** Conditions as the builder has them. */
export function opened(group: RuleGroupType): RuleGroupType {
  const whole = parted(group);
  const rules = whole.rules.map((rule) => {
    if (isGroup(rule)) return opened(rule);
    return isCount(rule) ? { ...rule, field: ORDER_COUNT } : openedRows(rule);
  });
  return { ...whole, rules };
}

/** A behaviour whose rows, and those of what follows, are as the builder has them. */
function openedRows(rule: RuleType): RuleType {
  const rows = <T extends { value?: unknown }>(part: T): T =>
    isRows(part.value) ? { ...part, value: opened(part.value) } : part;
  const steps = stepsOf(rule);
  return steps.length > 0 ? { ...rows(rule), ...{ then: chained(steps.map(rows)) } } : rows(rule);
}

/**
 * Conditions without what does not go with their fields: the library takes no notice of measures
 * and steps when a rule becomes one of something else.
 */
export function fitting(group: RuleGroupType, fields: Map<string, BuilderField>): RuleGroupType {
  const rules = group.rules.map((rule) => {
    if (isGroup(rule)) return fitting(rule, fields);
    return fittingRule(rule, fields.get(rule.field));
  });
  const same = rules.every((rule, at) => rule === group.rules[at]);
  return same ? group : { ...group, rules };
}

function fittingRule(rule: Did, of: BuilderField | undefined): RuleType {
  // The server knows more fields than the builder, such as the properties of events.
  if (!of) return rule;
  const { measure, then, match, ...bare } = rule;
  const inner = of.subproperties as unknown as BuilderField[] | undefined;
  if (!inner) return measure || then ? bare : rule;
  if (!measure) return rule;
  const { field } = measure;
  const fits = !field || isProperty(field) || inner.some((one) => one.name === field);
  if (fits && !match) return rule;
  const followed: Partial<Did> = then ? { then } : {};
  const told: Partial<Did> = fits ? { measure } : { match: match ?? { mode: "some" } };
  return { ...bare, ...told, ...followed };
}

const PROPERTY = "properties.";

function isProperty(name: string): boolean {
  return name.startsWith(PROPERTY);
}

/** A field in words; the properties of events have the names that their sender gave them. */
export function fieldName(name: string, t: TFunction): string {
  if (!isProperty(name)) return t(`segment.field.${name}`);
  return t("segment.property", { name: name.slice(PROPERTY.length) });
}

export function isMoney(name: string): boolean {
  return name.endsWith("_minor");
}

/** Operators by the kind of a field, in words. */
export function operatorsOf(word: FieldWord, t: TFunction): FullOption[] {
  return word.operators.map((name) => {
    const label = t(`segment.op.${word.kind}.${name}`, { defaultValue: t(`segment.op.${name}`) });
    return { name, value: name, label };
  });
}

function fieldOf(word: FieldWord, t: TFunction): BuilderField {
  return {
    name: word.name,
    value: word.name,
    label: fieldName(word.name, t),
    operators: operatorsOf(word, t),
    kind: word.kind,
    texts: word.values,
  };
}

/** The fields of the builder: those of customers, then what they have many of. */
export function builderFields(words: Words, t: TFunction): BuilderField[] {
  const own = useable(words.fields).map((word): BuilderField => {
    const field = fieldOf(word, t);
    if (word.name !== "orders") return field;
    return { ...field, name: ORDER_COUNT, value: ORDER_COUNT };
  });
  const many = words.collections.map((collection): BuilderField => {
    const fields = useable(collection.fields).map((word) => ({ ...fieldOf(word, t), seen: true }));
    return {
      name: collection.name,
      value: collection.name,
      label: t(`segment.collection.${collection.name}`),
      kind: "text",
      texts: [],
      matchModes: MODES.map((name) => ({ name, value: name, label: t(`segment.mode.${name}`) })),
      subproperties: fields,
    };
  });
  return [...own, ...many];
}

/** Operators that need no value. */
export const NO_VALUE = new Set(["null", "notNull"]);

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  // A list may say that a value is missing; what is still to be typed is an empty text.
  if (Array.isArray(value)) return value.length === 0 || value.includes("");
  if (typeof value !== "object") return false;
  // A window whose days were taken out again.
  const bounds = Object.entries(value).filter(([key]) => key === "from" || key === "to");
  return bounds.length > 0 && bounds.every(([, bound]) => isEmpty(bound));
}

function isGroup(rule: Part): rule is RuleGroupType {
  return typeof rule !== "string" && "rules" in rule;
}

function isRows(value: unknown): value is RuleGroupType {
  return typeof value === "object" && value !== null && "rules" in value;
}

/** Whether a rule speaks of rows of a collection. */
export function isBehaviour(rule: Did): boolean {
  return Boolean(rule.match || rule.measure || rule.then) || isRows(rule.value);
}

/** Conditions without those that are not finished, and how many those are. */
export function finished(group: RuleGroupType): { expr: RuleGroupType; open: number } {
  let open = 0;
  const rules = group.rules.flatMap((rule): (RuleType | RuleGroupType)[] => {
    if (isGroup(rule)) {
      const inner = finished(rule);
      open += inner.open;
      return [inner.expr];
    }
    if (isBehaviour(rule)) {
      const did = finishedDid(rule);
      open += did.open;
      return did.rule ? [did.rule] : [];
    }
    if (!NO_VALUE.has(rule.operator) && isEmpty(rule.value)) {
      open += 1;
      return [];
    }
    return [rule.field === ORDER_COUNT ? { ...rule, field: "orders" } : rule];
  });
  return { expr: { ...group, rules } as RuleGroupType, open };
}

/** A behaviour whose rows are finished; none where the measure or the time of a step is not. */
function finishedDid(rule: Did): { rule: RuleType | null; open: number } {
  const { measure } = rule;
  const steps = stepsOf(rule);
  const untold = measure && !NO_VALUE.has(measure.operator) && isEmpty(measure.value);
  const timeless = steps.filter((step) => step.within && step.within.count === null).length;
  if (untold || timeless > 0) return { rule: null, open: timeless + (untold ? 1 : 0) };
  let open = 0;
  const rows = <T extends { value?: unknown }>(part: T): T => {
    if (!isRows(part.value)) return part.value === "" ? { ...part, value: null } : part;
    const inner = finished(part.value);
    open += inner.open;
    return { ...part, value: inner.expr };
  };
  const own = rows(rule);
  const then = chained(steps.map(rows));
  return { rule: then ? ({ ...own, then } as Did) : own, open };
}

/** Whether conditions say anything. */
export function saysNothing(group: RuleGroupType): boolean {
  return group.rules.every(
    (rule) => typeof rule === "string" || (isGroup(rule) && saysNothing(rule)),
  );
}

export function nameOf(segments: Segment[], id: unknown): string {
  return segments.find((one) => one.segment_id === String(id))?.name ?? String(id);
}

/** What an editor of a value knows. */
export interface EditorProps {
  field: BuilderField;
  operator: string;
  value: unknown;
  set: (value: unknown) => void;
  label: string;
}
