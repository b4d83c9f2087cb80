import type { Coupon } from "../../api/shape";

export type Terms = Coupon["terms"];
/** A number, or that there is no limit: one of them is chosen, none is usual. */
export type Most = number | "unlimited";

export const KINDS = ["amount_off", "percent_off", "free_shipping"] as const;
export const LIMITS = ["stock", "budget", "each"] as const;
export const VALIDITIES = ["days", "between"] as const;
/** The whole, as the server counts shares. */
export const WHOLE = 1_000;
/** A hundredth of it. */
export const PERCENT = WHOLE / 100;

type Threshold = { kind: "none" } | { kind: "money"; minor: number };

export interface Step {
  /** From how much money on; none where there is no threshold. */
  from: Threshold | null;
  /** Minor units off, or thousandths. */
  gives: number | null;
}

/** What a coupon says, as the form has it; what has to be chosen is none at first. */
export interface Draft {
  kind: (typeof KINDS)[number];
  steps: Step[];
  most: Most | null;
  categories: string[];
  tiers: number[];
  first_order: boolean;
  validity: Terms["validity"];
  limits: Record<(typeof LIMITS)[number], Most | null>;
  claimable: boolean;
  transferable: boolean;
}

export const FRESH: Draft = {
  kind: "amount_off",
  steps: [{ from: null, gives: null }],
  most: null,
  categories: [],
  tiers: [],
  first_order: false,
  validity: { kind: "days", days: 30 },
  limits: { stock: null, budget: null, each: 1 },
  claimable: false,
  transferable: false,
};

/** What the server has beside the parts that it describes. */
export interface Offer {
  effect: {
    kind: string;
    steps?: { from: Threshold; gives: { minor?: number; share?: number } }[];
    from?: Threshold;
    most?: { kind: "unlimited" } | { kind: "at_most"; most: number };
  };
  scope: {
    goods: { kind: string; of?: { categories?: string[]; brands?: string[]; products?: number[] } };
    full_price_only?: boolean;
    channels?: string[];
    stores?: string[];
    tiers?: number[];
    segments?: number[];
    first_order?: boolean;
  };
  hours?: { weekdays?: number[]; month_days?: number[]; spans?: unknown[] };
  stack?: { group?: string | null; alone?: boolean; place?: number };
}

export function offerOf(terms: Terms): Offer {
  return terms.offer as unknown as Offer;
}

const limit = (most: Most | null) =>
  typeof most === "number" ? { kind: "at_most", most } : { kind: "unlimited" };

/** Whether everything is chosen that must be. */
export function isWhole(draft: Draft): boolean {
  const amounts = draft.kind === "free_shipping" || draft.steps.every((step) => step.gives);
  const capped = draft.kind === "amount_off" || draft.most !== null;
  const { from, to } = draft.validity;
  const valid = draft.validity.kind !== "between" || Boolean(from && to);
  const steps = draft.steps.length > 0 && draft.steps.every((step) => step.from !== null);
  const limits = LIMITS.every((name) => draft.limits[name] !== null);
  return amounts && capped && valid && steps && limits;
}

/** What the form says, in the words of the server. */
export function termsOf(draft: Draft): Terms {
  const { kind, steps, most, categories, tiers, first_order, validity, limits } = draft;
  const gives = (step: Step) =>
    kind === "amount_off" ? { minor: step.gives ?? 0 } : { share: step.gives ?? 0 };
  const own = steps.map((step) => ({ from: step.from, gives: gives(step) }));
  const effect = {
    amount_off: { kind, steps: own },
    percent_off: { kind, steps: own, most: limit(most) },
    free_shipping: { kind, from: steps[0]?.from, most: limit(most) },
  }[kind];
  const goods = categories.length ? { kind: "only", of: { categories } } : { kind: "all" };
  const offer = { effect, scope: { goods, tiers, first_order } };
  const { claimable, transferable } = draft;
  return {
    offer,
    validity,
    limits,
    uses_per_code: "unlimited",
    claimable,
    transferable,
  } as unknown as Terms;
}

const mostOf = (own: Offer["effect"]["most"]): Most | null => {
  if (!own) return null;
  return own.kind === "at_most" ? own.most : "unlimited";
};

/** What the form makes of a coupon's terms; none of those that only a program could have set. */
export function draftOf(terms: Terms): Draft | null {
  const { effect, scope, hours, stack } = offerOf(terms);
  const kind = KINDS.find((own) => own === effect.kind);
  const of = scope.goods.of;
  const plain =
    !of?.brands?.length &&
    !of?.products?.length &&
    scope.goods.kind !== "except" &&
    !scope.full_price_only &&
    !scope.channels?.length &&
    !scope.stores?.length &&
    !scope.segments?.length &&
    !hours?.weekdays?.length &&
    !hours?.month_days?.length &&
    !hours?.spans?.length &&
    !stack?.group &&
    !stack?.alone &&
    terms.validity.kind !== "hours" &&
    !terms.limits.each_in &&
    terms.uses_per_code === ("unlimited" as never) &&
    terms.again !== false;
  const steps = effect.from
    ? [{ from: effect.from, gives: null }]
    : (effect.steps ?? []).map(({ from, gives }) => ({
        from,
        gives: gives.minor ?? gives.share ?? null,
      }));
  const money = steps.every((step) => ["none", "money"].includes(step.from.kind));
  if (!kind || !plain || !money) return null;
  return {
    kind,
    steps,
    most: mostOf(effect.most),
    categories: of?.categories ?? [],
    tiers: scope.tiers ?? [],
    first_order: scope.first_order ?? false,
    validity: terms.validity,
    limits: terms.limits as unknown as Draft["limits"],
    claimable: terms.claimable ?? false,
    transferable: terms.transferable ?? false,
  };
}
