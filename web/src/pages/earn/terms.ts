import type { TFunction } from "i18next";
import type { EarnRule } from "../../api/shape";

export type Terms = EarnRule["terms"];
export type Boost = NonNullable<Terms["boosts"]>[number];
export type TriggerKind = Terms["trigger"]["kind"];

export const TRIGGERS = [
  "order_paid",
  "order_received",
  "review",
  "event",
  "streak",
  "birthday",
  "profile",
  "segment",
] as const satisfies TriggerKind[];

export const FORMULAS = ["per_money", "per_item", "fixed"] as const;

export const WHENS = ["tier", "month_day", "weekday", "window", "category"] as const;

export const CAPS = ["at_once", "a_day", "a_month"] as const;

/** A multiplier of 1, as the server counts. */
export const ONCE = 1_000;

/** Whether a rule is about orders; any other gives a fixed amount. */
export function isOfOrders(kind: TriggerKind): boolean {
  return kind === "order_paid" || kind === "order_received";
}

/** What a trigger begins with. */
export function started(kind: TriggerKind): Terms["trigger"] {
  if (kind === "event") return { kind, event: "" };
  if (kind === "streak") return { kind, event: "Signed In", days: 7 };
  if (kind === "segment") return { kind, segment: 0 };
  return { kind };
}

/** What a multiplier begins with. */
export function boosted(kind: Boost["when"]["kind"], today: string): Boost {
  const when = {
    tier: { kind, tiers: [] },
    month_day: { kind, days: [8] },
    weekday: { kind, days: [5] },
    window: { kind, from: today, to: today },
    category: { kind, categories: [] },
  }[kind];
  return { when, times: 2 * ONCE };
}

/** Whether nothing is left out that must be there. */
export function isWhole(terms: Terms): boolean {
  const { trigger, formula, boosts = [] } = terms;
  if (trigger.event !== undefined && trigger.event !== null && trigger.event.trim() === "") {
    return false;
  }
  if (trigger.kind === "segment" && !trigger.segment) return false;
  if (!(formula.amount > 0) || (formula.kind === "per_money" && !formula.per_minor)) return false;
  return boosts.every(({ when }) =>
    [when.tiers, when.days, when.categories].every((list) => !list || list.length > 0),
  );
}

/** When a multiplier counts, in words. */
export function whenText(when: Boost["when"], t: TFunction, tier: (id: string) => string): string {
  const list = (all: string[]) => all.join(t("earn.comma"));
  switch (when.kind) {
    case "tier":
      return list((when.tiers ?? []).map((id) => tier(String(id))));
    case "month_day":
      return t("earn.when_text.month_day", { days: list((when.days ?? []).map(String)) });
    case "weekday":
      return list((when.days ?? []).map((day) => t(`earn.weekday.${day}`)));
    case "window":
      return t("earn.when_text.window", { from: when.from, to: when.to });
    default:
      return list(when.categories ?? []);
  }
}
