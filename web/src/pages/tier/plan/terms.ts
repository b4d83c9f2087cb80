import type { PlanOfTiers } from "../../../api/shape";

export type Plan = PlanOfTiers;
export type Level = NonNullable<Plan["levels"]>[number];
export type Need = NonNullable<Level["needs"]>[number];
export type Benefits = NonNullable<Level["benefits"]>;

export const WINDOWS = ["days", "year", "ever"] as const satisfies Plan["window"]["kind"][];
export const KEEPS = ["days", "year", "met"] as const satisfies Plan["keep"]["kind"][];
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

/** A window or a time of a kind, to begin with. */
export function started<Kind extends string>(kind: Kind): { kind: Kind; days?: number } {
  return kind === "days" ? { kind, days: 365 } : { kind };
}
