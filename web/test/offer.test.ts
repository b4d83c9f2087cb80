import { describe, expect, it } from "vitest";
import type { Offer, OfferDraft, Threshold } from "../src/pages/offer/terms";
import { draftOf, FRESH, isWhole, KINDS, NO_STEP, ofKind, offerOf } from "../src/pages/offer/terms";
import { clockOf, effectText, scopeText } from "../src/pages/offer/text";
import { spoken } from "./spoken";

const from: Threshold = { kind: "money", minor: 30_000 };
const step = { ...NO_STEP, from, gives: 100, gifts: [{ product: 7, pieces: 1 }] };

/** A draft of a kind in which everything is said. */
function whole(kind: (typeof KINDS)[number]): OfferDraft {
  const own = { steps: [step], most: 3, pieces: 2, get: 1, products: [7] };
  return { ...FRESH, ...ofKind(FRESH, kind), ...own, parts: [{ product: 7, pieces: 2 }] };
}

describe("an offer", () => {
  it.each(KINDS)("of the kind %s is the same after it was read and written", (kind) => {
    const draft = whole(kind);
    expect(isWhole(draft)).toBe(true);
    const said = offerOf(draft);
    const again = draftOf(said);
    expect(again && offerOf(again)).toEqual(said);
    expect(effectText(said.effect, spoken)).not.toMatch(/undefined|NaN|offer\.|coupon\./);
  });

  it.each(KINDS)("of the kind %s is not whole before anything is said", (kind) => {
    expect(isWhole({ ...FRESH, ...ofKind(FRESH, kind) })).toBe(false);
  });

  it("says no threshold and no limit in so many words", () => {
    const draft = { ...whole("percent_off"), most: null };
    expect(isWhole(draft)).toBe(false);
    expect(isWhole({ ...draft, most: "unlimited" })).toBe(true);
    const none = { ...whole("amount_off_each"), steps: [{ ...step, from: null }] };
    expect(isWhole(none)).toBe(false);
  });

  it("keeps its threshold when it is to do something else, unless that needs another", () => {
    const free = { ...whole("amount_off"), steps: [{ ...step, from: { kind: "none" as const } }] };
    expect(ofKind(free, "percent_off").steps?.[0]?.from).toEqual({ kind: "none" });
    expect(ofKind(free, "amount_off_each").steps?.[0]?.from).toBeNull();
    expect(ofKind(whole("amount_off"), "amount_off_each").steps?.[0]?.from).toEqual(from);
  });

  it("of a kind that nobody knows is left as it is", () => {
    const offer = { effect: { kind: "magic" }, scope: { goods: { kind: "all" } } };
    expect(draftOf(offer as unknown as Offer)).toBeNull();
  });

  it("that goes beside nothing is in no group", () => {
    const draft = { ...whole("amount_off"), group: "double eleven" };
    expect(offerOf(draft).stack?.group).toBe("double eleven");
    expect(offerOf({ ...draft, alone: true }).stack?.group).toBeNull();
  });

  it("is put into words", () => {
    const words = (draft: OfferDraft) => effectText(offerOf(draft).effect, spoken);
    expect(words(whole("amount_off"))).toBe("from 300.00 1.00 off");
    const goods = { kind: "only" as const, categories: ["coats"], brands: [], products: [7] };
    const own = { ...whole("amount_off"), goods, tiers: [2], first_order: true };
    const hours = {
      weekdays: [6, 7],
      month_days: [],
      spans: [{ from_minute: 1200, to_minute: 60 }],
    };
    const said = scopeText(offerOf({ ...own, hours }), spoken);
    expect(said.join(" · ")).toContain("coats, product 7");
    expect(said.join(" · ")).toContain("20:00–01:00");
    expect(said).toHaveLength(5);
  });

  it("shows minutes as clocks do", () => {
    expect([0, 61, 1_440].map(clockOf)).toEqual(["00:00", "01:01", "24:00"]);
  });
});
