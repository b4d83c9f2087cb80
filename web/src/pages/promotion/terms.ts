import { isTurned } from "../../part/zone";
import type { Offer, OfferDraft } from "../offer/terms";
import * as offer from "../offer/terms";
import type { Promotion, PromotionForm } from "../../api/shape";

/** What promotions do that are made here. */
export const KINDS = offer.KINDS;

/** A promotion as the form has it; what has to be chosen is none at first. */
export interface Draft extends OfferDraft {
  name: string;
  note: string;
  active: boolean;
  starts_at: string | null;
  /** When it ends; that it does not has to be chosen. */
  ends_at: string | "never" | null;
  /** How much it gives away at the most; as much as anybody wants where nothing is said. */
  stock: number | null;
  each: number | null;
}

/** A promotion to begin with. */
export const begun = (starts_at: string): Draft => ({
  ...offer.FRESH,
  name: "",
  note: "",
  active: true,
  starts_at,
  ends_at: null,
  stock: null,
  each: null,
});

/** What a promotion says: the description of the API has no words for it. */
export const termsOf = ({ terms }: { terms: unknown }) => terms as Offer;

/** What the form makes of a promotion; none of one whose kind it does not know. */
export function draftOf(own: Promotion): Draft | null {
  const { name, note, active, starts_at } = own;
  const terms = offer.draftOf(termsOf(own));
  const { stock = null, each = null } = own.limits;
  const ends_at = own.ends_at ?? "never";
  return terms && { ...terms, name, note, active, starts_at, ends_at, stock, each };
}

/** Whether everything is chosen that must be; of a fixed one the terms are not. */
export function isWhole(draft: Draft, fixed = false): boolean {
  const { name, starts_at, ends_at } = draft;
  if (name.trim() === "" || !starts_at || !ends_at) return false;
  const ordered = !isTurned(starts_at, ends_at);
  return ordered && (fixed || offer.isWhole(draft));
}

/** What the form says, in the words of the server. */
export function formOf(draft: Draft): PromotionForm {
  const { name, note, active, starts_at, ends_at, stock, each } = draft;
  return {
    name: name.trim(),
    note: note.trim(),
    active,
    terms: offer.offerOf(draft) as unknown as PromotionForm["terms"],
    starts_at: starts_at ?? "",
    ends_at: ends_at === "never" ? null : ends_at,
    limits: { stock, each },
  };
}

/** What can be done with a promotion: one that has not begun can go, one that runs can end. */
export function actsOf({ state, starts_at }: Promotion, now = Date.now()) {
  const open = Date.parse(starts_at) > now;
  return { end: state === "running", remove: open };
}
