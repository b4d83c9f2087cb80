import type { TFunction } from "i18next";
import type { Field, FullOption, RuleGroupType, RuleType } from "react-querybuilder";
import type { FieldWord, Segment, Words } from "../../api/shape";

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
}

/** How much of something was done, in the place of how often. */
export interface Measure {
  of: (typeof MEASURES)[number];
  field?: string | undefined;
  operator: string;
  value: unknown;
}

export const MEASURES = ["sum", "average", "least", "most", "distinct", "first", "last"] as const;

/** The field that a measure begins with; undefined where it has none, null where it cannot be. */
export function measureField(of: Measure["of"], inner: BuilderField[]): string | undefined | null {
  if (of === "first" || of === "last") return undefined;
  const ids = inner.filter((one) => IDS.has(one.name));
  const numbers = inner.filter((one) => one.kind === "number" && !IDS.has(one.name));
  const texts = inner.filter((one) => one.kind === "text");
  if (of === "distinct") return [...ids, ...texts][0]?.name ?? null;
  const money = numbers.find((one) => isMoney(one.name) && !one.name.startsWith("unit_"));
  return (money ?? numbers[0])?.name ?? null;
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
  return rule.field === "orders" && !rule.match && !("measure" in rule) && !("then" in rule);
}

/** Conditions as the builder has them. */
export function opened(group: RuleGroupType): RuleGroupType {
  const rules = group.rules.map((rule) => {
    if (typeof rule === "string") return rule;
    if (isGroup(rule)) return opened(rule);
    return isCount(rule) ? { ...rule, field: ORDER_COUNT } : rule;
  });
  return { ...group, rules } as RuleGroupType;
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
    label: t(`segment.field.${word.name}`),
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
    const fields = useable(collection.fields).map((word) => fieldOf(word, t));
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
  if (Array.isArray(value)) return value.length === 0 || value.some(isEmpty);
  return false;
}

function isGroup(rule: RuleType | RuleGroupType): rule is RuleGroupType {
  return "rules" in rule;
}

/** Conditions without those that are not finished, and how many those are. */
export function finished(group: RuleGroupType): { expr: RuleGroupType; open: number } {
  let open = 0;
  const rules = group.rules.flatMap((rule): (RuleType | RuleGroupType)[] => {
    if (typeof rule === "string") return [];
    if (isGroup(rule)) {
      const inner = finished(rule);
      open += inner.open;
      return [inner.expr];
    }
    const inner: unknown = rule.value;
    const measure = (rule as RuleType & { measure?: Measure }).measure;
    if (measure && !NO_VALUE.has(measure.operator) && isEmpty(measure.value)) {
      open += 1;
      return [];
    }
    if (typeof inner === "object" && inner !== null && "rules" in inner) {
      const rows = finished(inner as RuleGroupType);
      open += rows.open;
      return [{ ...rule, value: rows.expr }];
    }
    if (rule.match || measure) return [{ ...rule, value: null }];
    if (!NO_VALUE.has(rule.operator) && isEmpty(rule.value)) {
      open += 1;
      return [];
    }
    return [rule.field === ORDER_COUNT ? { ...rule, field: "orders" } : rule];
  });
  return { expr: { ...group, rules } as RuleGroupType, open };
}

/** Whether conditions say anything. */
export function saysNothing(group: RuleGroupType): boolean {
  return group.rules.every((rule) =>
    typeof rule === "string" ? true : isGroup(rule) ? saysNothing(rule) : false,
  );
}

export function nameOf(segments: Segment[], id: unknown): string {
  return segments.find((one) => one.segment_id === String(id))?.name ?? String(id);
}
