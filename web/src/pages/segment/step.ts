import type { RuleGroupType } from "react-querybuilder";

/** Behaviours that follow each other at the most, the first one included; the server's limit. */
export const STEPS_MAX = 8;
/** Hours and minutes are exact, and for as long as that makes sense; the server's limits. */
const HOURS_MAX = 48;
const UNITS_MAX = 36_525;
const BEGUN = { collection: "orders", count: 7, unit: "day" };

/** What follows a row of a collection, or must not; nothing said of the match means it does. */
export interface Step {
  field: string;
  match?: { mode: string };
  value?: RuleGroupType | string | null;
  /** Any time after where nothing is said; no count where it is still to be typed. */
  within?: { count: number | null; unit?: string } | null;
  then?: Step | null;
}

/** How many units a time may have. */
export function unitsMost(unit: string): number {
  if (unit === "minute") return HOURS_MAX * 60;
  return unit === "hour" ? HOURS_MAX : UNITS_MAX;
}

/** The least that means something: nothing follows within no minute, but on the same day. */
export function unitsLeast(unit: string): number {
  return unit === "minute" || unit === "hour" ? 1 : 0;
}

/** A time in another unit, as far as the unit goes. */
export function inUnit(count: number | null, unit: string): { count: number | null; unit: string } {
  if (count === null) return { count, unit };
  return { count: Math.min(Math.max(count, unitsLeast(unit)), unitsMost(unit)), unit };
}

/** Whether it must not follow. */
export function isNever(step: Step): boolean {
  return step.match?.mode === "none";
}

/** The steps after a behaviour, the next one first. */
export function stepsOf(rule: object): Step[] {
  const steps: Step[] = [];
  let next = (rule as { then?: Step | null }).then;
  while (next) {
    steps.push(next);
    next = next.then;
  }
  return steps;
}

/** Steps within each other, as a behaviour carries them. */
export function chained(steps: Step[]): Step | undefined {
  return steps.reduceRight<Step | undefined>((next, { then: _, ...step }) => {
    return next ? { ...step, then: next } : step;
  }, undefined);
}

/** Whether another step can come after these: nothing follows what must not happen. */
export function canFollow(steps: Step[]): boolean {
  const last = steps.at(-1);
  return steps.length + 1 < STEPS_MAX && !(last && isNever(last));
}

/** A step to begin with, of those things that there are. */
export function begun(collections: string[]): Step {
  const { collection, count, unit } = BEGUN;
  const field = collections.includes(collection) ? collection : (collections[0] ?? collection);
  return { field, match: { mode: "some" }, within: { count, unit } };
}

/** Steps in which one has other parts; of other things, its rows begin anew. */
export function withStep(steps: Step[], at: number, part: Partial<Step>): Step[] {
  return steps.map((step, place) => {
    if (place !== at) return step;
    const { value, ...rest } = step;
    const same = part.field === undefined || part.field === step.field;
    return { ...rest, ...(same && value !== undefined ? { value } : {}), ...part };
  });
}

export function withoutStep(steps: Step[], at: number): Step[] {
  return steps.filter((_, place) => place !== at);
}
