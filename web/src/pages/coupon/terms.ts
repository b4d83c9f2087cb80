import type { Coupon } from "../../api/shape";
import type { Kind, Most, Offer, OfferDraft } from "../offer/terms";
import * as offer from "../offer/terms";

export type Terms = Coupon["terms"];

/** What coupons do that are made here. */
export const KINDS = ["amount_off", "percent_off", "free_shipping"] as const satisfies Kind[];
export const LIMITS = ["stock", "budget", "each"] as const;
export const VALIDITIES = ["days", "between"] as const;

/** What a coupon says, as the form has it; what has to be chosen is none at first. */
export interface Draft extends OfferDraft {
  validity: Terms["validity"];
  limits: Record<(typeof LIMITS)[number], Most | null>;
  claimable: boolean;
  transferable: boolean;
}

export const FRESH: Draft = {
  ...offer.FRESH,
  validity: { kind: "days", days: 30 },
  limits: { stock: null, budget: null, each: 1 },
  claimable: false,
  transferable: false,
};

export function offerOf(terms: Terms): Offer {
  return terms.offer as unknown as Offer;
}

/** Whether everything is chosen that must be. */
export function isWhole(draft: Draft): boolean {
  const { from, to } = draft.validity;
  const valid = draft.validity.kind !== "between" || Boolean(from && to);
  return offer.isWhole(draft) && valid && LIMITS.every((name) => draft.limits[name] !== null);
}

/** What the form says, in the words of the server. */
export function termsOf(draft: Draft): Terms {
  const { validity, limits, claimable, transferable } = draft;
  return {
    offer: offer.offerOf(draft),
    validity,
    limits,
    uses_per_code: "unlimited",
    claimable,
    transferable,
  } as unknown as Terms;
}

/** What the form makes of a coupon's terms; none of those that only a program could have set. */
export function draftOf(terms: Terms): Draft | null {
  const own = offer.draftOf(offerOf(terms));
  const plain =
    terms.validity.kind !== "hours" &&
    !terms.limits.each_in &&
    terms.uses_per_code === ("unlimited" as never) &&
    terms.again !== false;
  if (!own || !plain || !KINDS.some((kind) => kind === own.kind)) return null;
  return {
    ...own,
    validity: terms.validity,
    limits: terms.limits as unknown as Draft["limits"],
    claimable: terms.claimable ?? false,
    transferable: terms.transferable ?? false,
  };
}
