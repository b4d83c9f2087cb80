/** What offers say: coupons and promotions say it in the same words. */

export const KINDS = [
  "amount_off",
  "amount_off_each",
  "percent_off",
  "piece_percent_off",
  "fixed_price",
  "bundle_price",
  "set_price",
  "buy_get",
  "gift",
  "free_shipping",
  "exchange",
  "cash_back",
] as const;
export type Kind = (typeof KINDS)[number];
/** The whole, as the server counts shares. */
export const WHOLE = 1_000;
/** A hundredth of it. */
export const PERCENT = WHOLE / 100;

export type Threshold =
  { kind: "none" } | { kind: "money"; minor: number } | { kind: "pieces"; pieces: number };
export type Limit = { kind: "unlimited" } | { kind: "at_most"; most: number };
/** A number, or that there is no limit: one of them is chosen, none is usual. */
export type Most = number | "unlimited";

/** Pieces of a product, by its number. */
export interface Part {
  product: number;
  pieces: number;
}

export interface Span {
  from_minute: number;
  to_minute: number;
}

interface Given {
  minor?: number;
  share?: number;
  gifts?: Part[];
}

export interface Effect {
  kind: string;
  steps?: { from: Threshold; gives: Given }[];
  from?: Threshold;
  each?: Threshold;
  most?: Limit;
  times?: Limit;
  /** How many at the most where each piece is cheaper; else how many belong together. */
  pieces?: Limit | number;
  off_minor?: number;
  price_minor?: number;
  share?: number;
  buy?: number;
  get?: number;
  parts?: Part[];
  products?: number[];
}

/** What the server has beside the parts that it describes. */
export interface Offer {
  effect: Effect;
  scope: {
    goods: { kind: string; of?: { categories?: string[]; brands?: string[]; products?: number[] } };
    full_price_only?: boolean;
    channels?: string[];
    stores?: string[];
    tiers?: number[];
    segments?: number[];
    first_order?: boolean;
  };
  hours?: { weekdays?: number[]; month_days?: number[]; spans?: Span[] };
  stack?: { group?: string | null; alone?: boolean; place?: number };
}

export interface Step {
  /** From how much on; null, or of no amount, where it is not chosen yet. */
  from: Threshold | null;
  /** Minor units off, thousandths, or a price. */
  gives: number | null;
  gifts: Part[];
}

export const GOODS = ["all", "only", "except"] as const;

/** What an offer says, as the form has it; what has to be chosen is none at first. */
export interface OfferDraft {
  kind: Kind;
  steps: Step[];
  most: Most | null;
  /** How many belong together, are paid in full, or are exchanged. */
  pieces: number | null;
  get: number | null;
  parts: Part[];
  products: number[];
  goods: {
    kind: (typeof GOODS)[number];
    categories: string[];
    brands: string[];
    products: number[];
  };
  full_price_only: boolean;
  channels: string[];
  stores: string[];
  tiers: number[];
  segments: number[];
  first_order: boolean;
  hours: { weekdays: number[]; month_days: number[]; spans: Span[] };
  group: string;
  alone: boolean;
  place: number;
}

/** What has to be said of a kind. */
export interface Shape {
  /** One threshold, steps each with its own, or none. */
  from?: "one" | "steps";
  /** Whether there has to be a threshold. */
  bound?: boolean;
  gives?: "money" | "share" | "price" | "gifts";
  /** What is limited. */
  cap?: "money" | "times" | "pieces";
  counts?: readonly ("pieces" | "get")[];
  names?: "parts" | "products";
}

export const SHAPES: Record<Kind, Shape> = {
  amount_off: { from: "steps", gives: "money" },
  amount_off_each: { from: "one", bound: true, gives: "money", cap: "times" },
  percent_off: { from: "steps", gives: "share", cap: "money" },
  piece_percent_off: { gives: "share", cap: "pieces" },
  fixed_price: { gives: "price", cap: "pieces" },
  bundle_price: { counts: ["pieces"], gives: "price", cap: "times" },
  set_price: { names: "parts", gives: "price", cap: "times" },
  buy_get: { counts: ["pieces", "get"], gives: "share", cap: "times" },
  gift: { from: "steps", gives: "gifts" },
  free_shipping: { from: "one", cap: "money" },
  exchange: { from: "one", names: "products", counts: ["pieces"], gives: "price" },
  cash_back: { from: "steps", gives: "share", cap: "money" },
};

export const NO_STEP: Step = { from: null, gives: null, gifts: [] };

export const FRESH: OfferDraft = {
  kind: "amount_off",
  steps: [NO_STEP],
  most: null,
  pieces: null,
  get: null,
  parts: [],
  products: [],
  goods: { kind: "all", categories: [], brands: [], products: [] },
  full_price_only: false,
  channels: [],
  stores: [],
  tiers: [],
  segments: [],
  first_order: false,
  hours: { weekdays: [], month_days: [], spans: [] },
  group: "",
  alone: false,
  place: 0,
};

/** The same offer doing something else; what it is for and its threshold stay. */
export function ofKind(draft: OfferDraft, kind: Kind): Partial<OfferDraft> {
  const own = draft.steps[0]?.from ?? null;
  const from = SHAPES[kind].bound && own?.kind === "none" ? null : own;
  const { most, pieces, get, parts, products } = FRESH;
  return { kind, steps: [{ ...NO_STEP, from }], most, pieces, get, parts, products };
}

function isChosen(from: Threshold | null): boolean {
  if (from?.kind === "money") return from.minor > 0;
  return from?.kind === "pieces" ? from.pieces > 0 : from !== null;
}

/** Whether everything is chosen that must be. */
export function isWhole(draft: OfferDraft): boolean {
  const { from, gives, cap, counts = [], names } = SHAPES[draft.kind];
  const { categories, brands, products } = draft.goods;
  const full = (parts: Part[]) =>
    parts.length > 0 && parts.every((part) => part.product > 0 && part.pieces > 0);
  const given = (step: Step) => {
    if (gives === "gifts") return full(step.gifts);
    // Goods that are exchanged may cost nothing.
    if (draft.kind === "exchange") return step.gives !== null;
    return gives === undefined || Boolean(step.gives);
  };
  const named = names === "parts" ? full(draft.parts) : draft.products.length > 0;
  return (
    draft.steps.length > 0 &&
    draft.steps.every((step) => given(step) && (!from || isChosen(step.from))) &&
    (!cap || draft.most !== null) &&
    counts.every((name) => draft[name] !== null) &&
    (!names || named) &&
    (draft.goods.kind === "all" || categories.length + brands.length + products.length > 0)
  );
}

export const limitOf = (most: Most | null): Limit =>
  typeof most === "number" ? { kind: "at_most", most } : { kind: "unlimited" };

export const mostOf = (limit: Limit | undefined): Most | null => {
  if (!limit) return null;
  return limit.kind === "at_most" ? limit.most : "unlimited";
};

function effectOf(draft: OfferDraft): Effect {
  const { kind, parts, products } = draft;
  const first = draft.steps[0] ?? NO_STEP;
  const from = first.from ?? { kind: "none" };
  const gives = first.gives ?? 0;
  const most = limitOf(draft.most);
  const pieces = draft.pieces ?? 0;
  const steps = (given: (step: Step) => Given) =>
    draft.steps.map((step) => ({
      from: step.from ?? { kind: "none" as const },
      gives: given(step),
    }));
  const shares = () => steps((step) => ({ share: step.gives ?? 0 }));
  switch (kind) {
    case "amount_off":
      return { kind, steps: steps((step) => ({ minor: step.gives ?? 0 })) };
    case "amount_off_each":
      return { kind, each: from, off_minor: gives, times: most };
    case "percent_off":
    case "cash_back":
      return { kind, steps: shares(), most };
    case "piece_percent_off":
      return { kind, share: gives, pieces: most };
    case "fixed_price":
      return { kind, price_minor: gives, pieces: most };
    case "bundle_price":
      return { kind, pieces, price_minor: gives, times: most };
    case "set_price":
      return { kind, parts, price_minor: gives, times: most };
    case "buy_get":
      return { kind, buy: pieces, get: draft.get ?? 0, share: gives, times: most };
    case "gift":
      return { kind, steps: steps((step) => ({ gifts: step.gifts })) };
    case "free_shipping":
      return { kind, from, most };
    case "exchange":
      return { kind, products, pieces, price_minor: gives, from };
  }
}

/** What the form says, in the words of the server. */
export function offerOf(draft: OfferDraft): Offer {
  const { goods, full_price_only, channels, stores, tiers, segments, first_order } = draft;
  const { kind, ...of } = goods;
  const scope = { full_price_only, channels, stores, tiers, segments, first_order };
  const { hours, alone, place } = draft;
  // What goes beside nothing belongs to no group.
  const group = alone ? null : draft.group.trim() || null;
  return {
    effect: effectOf(draft),
    scope: { goods: kind === "all" ? { kind } : { kind, of }, ...scope },
    hours,
    stack: { group, alone, place },
  };
}

function stepsOf(effect: Effect): Step[] {
  if (effect.steps) {
    return effect.steps.map(({ from, gives }) => ({
      from,
      gives: gives.minor ?? gives.share ?? null,
      gifts: gives.gifts ?? [],
    }));
  }
  const { from, each, off_minor, price_minor, share } = effect;
  const gives = off_minor ?? price_minor ?? share ?? null;
  return [{ from: from ?? each ?? null, gives, gifts: [] }];
}

/** What the form makes of an offer; none of one of a kind that it does not know. */
export function draftOf({ effect, scope, hours, stack }: Offer): OfferDraft | null {
  const kind = KINDS.find((own) => own === effect.kind);
  const goods = GOODS.find((own) => own === scope.goods.kind);
  if (!kind || !goods) return null;
  const { pieces } = effect;
  const { of } = scope.goods;
  return {
    kind,
    steps: stepsOf(effect),
    most: mostOf(effect.most ?? effect.times ?? (typeof pieces === "object" ? pieces : undefined)),
    pieces: typeof pieces === "number" ? pieces : (effect.buy ?? null),
    get: effect.get ?? null,
    parts: effect.parts ?? [],
    products: effect.products ?? [],
    goods: {
      kind: goods,
      categories: of?.categories ?? [],
      brands: of?.brands ?? [],
      products: of?.products ?? [],
    },
    full_price_only: scope.full_price_only ?? false,
    channels: scope.channels ?? [],
    stores: scope.stores ?? [],
    tiers: scope.tiers ?? [],
    segments: scope.segments ?? [],
    first_order: scope.first_order ?? false,
    hours: {
      weekdays: hours?.weekdays ?? [],
      month_days: hours?.month_days ?? [],
      spans: hours?.spans ?? [],
    },
    group: stack?.group ?? "",
    alone: stack?.alone ?? false,
    place: stack?.place ?? 0,
  };
}
