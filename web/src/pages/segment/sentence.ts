import type { TFunction } from "i18next";
import type { RuleGroupType, RuleType } from "react-querybuilder";
import type { Segment } from "../../api/shape";
import type { Step } from "./step";
import { unitsLeast } from "./step";
import type { Did } from "./words";
import { fieldName, isBehaviour, isMoney, nameOf } from "./words";
import type { NameOf } from "./rosters";
import { isRoster } from "./rosters";

/** What a sentence needs beside the conditions. */
export interface Speaker {
  t: TFunction;
  /** An amount of minor units in words. */
  money: (minor: number) => string;
  segments: Segment[];
  /** The name of a tag, a level or an activity. */
  named?: NameOf;
}

type Rule = RuleType | RuleGroupType | string;
/** What rows are told by: a behaviour's, and those of what follows it. */
type Rows = Pick<Step, "field" | "value">;

/** Conditions as one sentence, in the reader's language. */
export function sentence(group: RuleGroupType, speaker: Speaker): string {
  const { t } = speaker;
  const said = grouped(group, speaker, true);
  return said ? t("segment.say.all", { said }) : t("segment.say.everybody");
}

function grouped(group: RuleGroupType, speaker: Speaker, outer = false): string {
  const { t } = speaker;
  const rules: Rule[] = group.rules;
  const mixed = rules.some((rule) => typeof rule === "string");
  const parts = rules.flatMap((rule) => {
    if (typeof rule === "string") return [t(`segment.say.join_${rule.toLowerCase()}`)];
    const said = "rules" in rule ? grouped(rule, speaker) : ruled(rule as Did, speaker);
    return said ? [said] : [];
  });
  if (parts.length === 0) return "";
  const join = t(`segment.say.join_${(group.combinator ?? "and").toLowerCase()}`);
  const said = mixed ? parts.join("") : parts.join(join);
  const several = parts.length > 1;
  if (group.not) return t("segment.say.not", { said });
  return several && !outer ? t("segment.say.group", { said }) : said;
}

function ruled(rule: Did, speaker: Speaker): string {
  const { t } = speaker;
  if (isBehaviour(rule)) return did(rule, speaker);
  const field = fieldName(rule.field, t);
  const { operator } = rule;
  if (operator === "null" || operator === "notNull") {
    return t(`segment.say.op.${operator}`, { field });
  }
  const value =
    rule.valueSource === "field"
      ? t(`segment.field.${String(rule.value)}`)
      : valued(rule.field, operator, rule.value, speaker);
  // A birthday is a day of each year itself.
  const how = rule.field === "birthday" && operator === "anniversary" ? "birthday" : operator;
  return t(`segment.say.op.${how}`, { field, value });
}

/** The rows that are meant, without how often. */
function thingOf(rule: Rows, speaker: Speaker): string {
  const { t } = speaker;
  const rows = rule.value && typeof rule.value === "object" ? (rule.value as RuleGroupType) : null;
  const which = rows ? grouped(rows, speaker, true) : "";
  const what = t(`segment.say.many.${rule.field}`);
  return which ? t("segment.say.which", { what, which }) : what;
}

/** What lies in carts is called like what was bought. */
function somewhere({ field }: Rows, thing: string, t: TFunction): string {
  return field === "cart" ? t("segment.say.carted", { thing }) : thing;
}

function followedBy(then: Step["then"], speaker: Speaker): string {
  if (!then) return "";
  const { t } = speaker;
  const thing = somewhere(then, thingOf(then, speaker), t) + followedBy(then.then, speaker);
  const how = then.match?.mode === "none" ? "none" : "some";
  if (!then.within) return t(`segment.say.ever_${how}`, { thing });
  const { count, unit = "day" } = then.within;
  const sameDay = count === 0 && unitsLeast(unit) === 0;
  const within = sameDay ? t("segment.say.same_day") : span(Number(count), unit, t);
  return t(`segment.say.then_${how}`, { within, thing });
}

/** What a customer did, so often or for so much. */
function did(rule: Did, speaker: Speaker): string {
  const { t } = speaker;
  const thing = thingOf(rule, speaker);
  const follows = followedBy(rule.then, speaker);
  if (!rule.measure) {
    const mode = rule.match?.mode ?? "some";
    const count = rule.match?.threshold ?? 1;
    const said =
      rule.field === "cart"
        ? t(`segment.say.cart_mode.${mode}`, { thing, count })
        : t(`segment.say.mode.${mode}`, { thing, count });
    return said + follows;
  }
  const { of, field, operator, value } = rule.measure;
  const named = field ? fieldName(field, t) : "";
  const measured = t(`segment.say.measure.${of}`, {
    thing: somewhere(rule, thing, t),
    field: named,
  });
  // How many different amounts there are is no amount.
  const shown = valued(of === "distinct" ? "" : (field ?? ""), operator, value, speaker);
  return t(`segment.say.op.${operator}`, { field: measured, value: shown }) + follows;
}

function span(count: number, unit: string, t: TFunction): string {
  return t(`segment.say.unit.${unit}`, { count });
}

function valued(field: string, operator: string, value: unknown, speaker: Speaker): string {
  const { t } = speaker;
  const one = (value: unknown) => single(field, value, speaker);
  if (operator === "between" || operator === "notBetween") {
    const [from, to] = Array.isArray(value) ? value : String(value).split(",");
    return t("segment.say.between", { from: one(from), to: one(to) });
  }
  if (operator === "top" && typeof value === "object" && value !== null && "share" in value) {
    return `${Math.round(Number(value.share) * 100)}%`;
  }
  if (operator === "top") return t("segment.say.people", { count: Number(value) });
  if (Array.isArray(value)) return value.map(one).join(t("segment.say.comma"));
  return one(value);
}

function single(field: string, value: unknown, speaker: Speaker): string {
  const { t, segments } = speaker;
  if (value === null || value === undefined) return t("segment.say.nothing");
  if (typeof value === "object") return windowed(value as Record<string, unknown>, t);
  if (typeof value === "boolean") return t(`segment.say.${String(value)}`);
  if (field === "segment") return nameOf(segments, value);
  if (isRoster(field)) return speaker.named?.(field, String(value)) ?? String(value);
  if (field === "stratum") return t(`stratum.${String(value)}`);
  if (field === "gender") {
    return t(`customer.gender_${String(value)}`, { defaultValue: String(value) });
  }
  if (field === "lifecycle") return t(`lifecycle.stage.${String(value)}`);
  if (field === "random") return `${Math.round(Number(value) * 100)}%`;
  if (isMoney(field) && Number.isFinite(Number(value))) return speaker.money(Number(value));
  if (value === "today" || value === "yesterday" || value === "now") {
    return t(`segment.say.day.${value}`);
  }
  return String(value);
}

/** A window or a moment of time. */
export function windowed(value: Record<string, unknown>, t: TFunction): string {
  const unit = String(value.unit ?? "day");
  for (const key of ["last", "next", "ago", "ahead"]) {
    if (key in value)
      return t(`segment.say.window.${key}`, { span: span(Number(value[key]), unit, t) });
  }
  if ("this" in value) return t(`segment.say.this.${String(value.this)}`);
  if ("previous" in value) return t(`segment.say.previous.${String(value.previous)}`);
  if ("season" in value) {
    const season = value.season as Record<string, unknown>;
    const year = Number(season.year ?? 0);
    return t(season.lunar ? "segment.say.lunar_season" : "segment.say.season", {
      from: season.from,
      to: season.to,
      year:
        year === 0
          ? t("segment.say.this.year")
          : year === -1
            ? t("segment.say.previous.year")
            : String(year),
    });
  }
  const bound = (one: unknown) =>
    typeof one === "object" && one !== null
      ? windowed(one as Record<string, unknown>, t)
      : String(one ?? "…");
  return t("segment.say.between", { from: bound(value.from), to: bound(value.to) });
}
