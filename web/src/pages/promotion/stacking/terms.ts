import type { Most } from "../../offer/terms";
import { limitOf, mostOf, WHOLE } from "../../offer/terms";
import type { Cash, Stacking, Stage } from "../../../api/shape";

export const STAGES: Stage[] = ["price", "member_price", "promotion", "coupon"];
export const BASES = ["reduced", "original"] as const;
export const OVERLAPS = ["refused", "best"] as const;

/** Every two stages, each once. */
export const PAIRS = STAGES.flatMap((one, at) =>
  STAGES.slice(at + 1).map((other): [Stage, Stage] => [one, other]),
);

type Open<T> = { [K in keyof T]: T[K] extends number ? number | null : T[K] };
type Typed = "promotions" | "coupons" | "share_most" | "cash";

/** The rules as the form has them; numbers that were emptied are none. */
export interface Draft extends Omit<Stacking, Typed> {
  promotions: Most | null;
  coupons: Most | null;
  share_most: number | null;
  cash: Open<Cash> | null;
}

/** What points are worth, to begin with: how many, and how much they pay, has to be said. */
export const CASH: Open<Cash> = {
  points: null,
  minor: null,
  share_most: WHOLE,
  beside_coupons: true,
};

export function draftOf(own: Stacking): Draft {
  return { ...own, promotions: mostOf(own.promotions), coupons: mostOf(own.coupons) };
}

/** Whether everything is chosen that must be. */
export function isWhole({ promotions, coupons, share_most, cash, once }: Draft): boolean {
  const worth = cash === null || Boolean(cash.points && cash.minor && cash.share_most);
  const sets = once.every((stages) => stages.length > 0);
  return promotions !== null && coupons !== null && Boolean(share_most) && worth && sets;
}

/** What the form says, in the words of the server. */
export function stackingOf(draft: Draft): Stacking {
  const { promotions, coupons, share_most, cash } = draft;
  return {
    ...draft,
    promotions: limitOf(promotions),
    coupons: limitOf(coupons),
    share_most: share_most ?? WHOLE,
    cash: cash && {
      points: cash.points ?? 0,
      minor: cash.minor ?? 0,
      share_most: cash.share_most ?? WHOLE,
      beside_coupons: cash.beside_coupons,
    },
  };
}

/** The order with one stage a place earlier or later. */
export function moved(order: Stage[], at: number, by: -1 | 1): Stage[] {
  const next = [...order];
  const [one, other] = [next[at], next[at + by]];
  if (one && other) [next[at], next[at + by]] = [other, one];
  return next;
}

const isPair = ([one, other]: [Stage, Stage], pair: [Stage, Stage]) =>
  pair.includes(one) && pair.includes(other);

export const areApart = (apart: Stacking["apart"], pair: [Stage, Stage]) =>
  apart.some((own) => isPair(own, pair));

/** The pairs with one more, or one less. */
export function withPair(apart: Stacking["apart"], pair: [Stage, Stage], on: boolean) {
  const rest = apart.filter((own) => !isPair(own, pair));
  return on ? [...rest, pair] : rest;
}
