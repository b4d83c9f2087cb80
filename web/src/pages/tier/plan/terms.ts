import type { PlanOfTiers } from "../../../api/shape";

export type Plan = PlanOfTiers;
export type Level = NonNullable<Plan["levels"]>[number];
export type Need = NonNullable<Level["needs"]>[number];
export type Benefits = NonNullable<Level["benefits"]>;

export const WINDOWS = ["days", "year", "ever"] as const satisfies Plan["window"]["kind"][];
export const NEEDS = ["spend", "orders", "growth", "segment"] as const satisfies Need["kind"][];

/** A multiplier of 1, as the server counts. */
export const ONCE = 1_000;
/** A hundredth of a price, as the server counts. */
export const PERCENT = 100;

/** Benefits of a level that has none. */
export const NONE: Required<Benefits> = {
  points_times: ONCE,
  discount: 0,
  free_shipping: false,
  early_hours: 0,
  others: [],
};

/** The part of the plan for each level, as it is or empty. */
export function levelsOf(plan: Plan, tiers: { tier_id: string }[]): Level[] {
  const own = new Map((plan.levels ?? []).map((level) => [String(level.tier), level]));
  return tiers.map(({ tier_id }) => own.get(tier_id) ?? { tier: Number(tier_id) });
}

/** Whether everything is filled in that must be. */
export function isWhole(plan: Plan): boolean {
  const need = (one: Need) =>
    one.kind === "segment" ? Boolean(one.segment) : (one.at_least ?? 0) > 0;
  return (plan.levels ?? []).every((level) => (level.needs ?? []).every(need));
}

/** Windows to begin with, by kind. */
export const WINDOW_OF: Record<(typeof WINDOWS)[number], Plan["window"]> = {
  days: { kind: "days", days: 365 },
  year: { kind: "year" },
  ever: { kind: "ever" },
};

/** For how long a level stays, to begin with. */
export const KEEP_OF = {
  days: { kind: "days", days: 365 },
  year: { kind: "year" },
  year_next: { kind: "year", next: true },
  met: { kind: "met" },
} satisfies Record<string, Plan["keep"]>;

/** The ways in which a level stays, in the order in which they are offered. */
export const KEEPS = Object.keys(KEEP_OF) as (keyof typeof KEEP_OF)[];
