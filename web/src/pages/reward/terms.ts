import { isTurned } from "../../part/zone";
import type { Reward, RewardForm } from "../../api/shape";

/** A reward as the form has it; what has to be chosen is none at first. */
export interface Draft {
  name: string;
  note: string;
  active: boolean;
  kind: "product" | "coupon";
  product: number;
  pieces: number | null;
  coupon: string | null;
  points: number | null;
  /** Minor units. */
  cash: number | null;
  stock: number | null;
  each: number | null;
  tiers: string[];
  hold_hours: number | null;
  starts_at: string | null;
  /** When it ends; that it does not has to be chosen. */
  ends_at: string | "never" | null;
}

/** Hours for which a reward is held until somebody fetches it, if nothing else is chosen. */
const HOLD_HOURS = 72;

/** A reward to begin with. */
export const begun = (starts_at: string): Draft => ({
  name: "",
  note: "",
  active: true,
  kind: "product",
  product: 0,
  pieces: 1,
  coupon: null,
  points: null,
  cash: null,
  stock: null,
  each: null,
  tiers: [],
  hold_hours: HOLD_HOURS,
  starts_at,
  ends_at: null,
});

export function draftOf(own: Reward): Draft {
  const { name, note, active, gives, points, cash_minor, limits, tier_ids, hold_hours } = own;
  const product = gives.kind === "product" ? gives : null;
  return {
    name,
    note,
    active,
    kind: gives.kind,
    product: Number(product?.product_id ?? 0),
    pieces: product?.pieces ?? 1,
    coupon: gives.kind === "coupon" ? gives.coupon_id : null,
    points,
    cash: cash_minor || null,
    stock: limits.stock ?? null,
    each: limits.each ?? null,
    tiers: tier_ids,
    hold_hours,
    starts_at: own.starts_at,
    ends_at: own.ends_at ?? "never",
  };
}

/** Whether everything is chosen that must be. */
export function isWhole(draft: Draft): boolean {
  const { name, kind, product, pieces, coupon, points, hold_hours, starts_at, ends_at } = draft;
  if (name.trim() === "" || !points || !hold_hours || !starts_at || !ends_at) return false;
  const ordered = !isTurned(starts_at, ends_at);
  return ordered && (kind === "product" ? Boolean(product && pieces) : coupon !== null);
}

/** What the form says, in the words of the server. */
export function formOf(draft: Draft): RewardForm {
  const { kind, product, pieces, coupon, ends_at } = draft;
  return {
    name: draft.name.trim(),
    note: draft.note.trim(),
    active: draft.active,
    gives:
      kind === "product"
        ? { kind, product_id: String(product), pieces: pieces ?? 1 }
        : { kind, coupon_id: coupon ?? "" },
    points: draft.points ?? 0,
    cash_minor: draft.cash ?? 0,
    limits: { stock: draft.stock, each: draft.each },
    tier_ids: draft.tiers,
    hold_hours: draft.hold_hours ?? HOLD_HOURS,
    starts_at: draft.starts_at ?? "",
    ends_at: ends_at === "never" ? null : ends_at,
  };
}
