import { describe, expect, it } from "vitest";
import type { CheckoutBack, CheckoutShown, Promotion, Quote, Stacking } from "../src/api/shape";
import { NO_STEP } from "../src/pages/offer/terms";
import { backText } from "../src/pages/promotion/checkout/say";
import { left, piecesOf } from "../src/pages/promotion/checkout/terms";
import { missText, stepText, unusedText } from "../src/pages/promotion/quote/say";
import * as cart from "../src/pages/promotion/quote/terms";
import { limitsText } from "../src/pages/promotion/say";
import { rulesText } from "../src/pages/promotion/stacking/say";
import * as stacking from "../src/pages/promotion/stacking/terms";
import { actsOf, begun, draftOf, formOf, isWhole } from "../src/pages/promotion/terms";
import { spoken } from "./spoken";

const START = "2026-11-11T00:00:00Z";

function draft() {
  const from = { kind: "money" as const, minor: 30_000 };
  return { ...begun(START), name: " forty off ", steps: [{ ...NO_STEP, from, gives: 4_000 }] };
}

describe("a promotion", () => {
  it("has an end, or says that it has none", () => {
    expect(isWhole(draft())).toBe(false);
    expect(isWhole({ ...draft(), ends_at: "never" })).toBe(true);
    expect(isWhole({ ...draft(), ends_at: "2026-11-10T00:00:00Z" })).toBe(false);
    expect(isWhole({ ...draft(), ends_at: START })).toBe(false);
  });

  it("is the same after it was written and read", () => {
    const form = formOf({ ...draft(), ends_at: "never", stock: 100, each: 2 });
    expect(form).toMatchObject({
      name: "forty off",
      ends_at: null,
      limits: { stock: 100, each: 2 },
    });
    const rest = { promotion_id: "1", version: 1, owner: "", created_at: START, edited_at: START };
    const own = { ...form, ...rest, taken: 7, state: "running", note: "", ends_at: null };
    const read = draftOf(own as Promotion);
    expect(read && formOf(read)).toEqual(form);
    expect(limitsText(own as Promotion, spoken.t)).toEqual([
      "7 of 100 taken",
      "at most 2 per person",
    ]);
  });

  it("ends while it runs and goes before it has begun", () => {
    const at = (state: Promotion["state"], starts_at: string) =>
      actsOf({ state, starts_at } as Promotion, Date.parse("2026-11-11T00:00:00Z"));
    expect(at("running", "2026-11-01T00:00:00Z")).toEqual({ end: true, remove: false });
    expect(at("planned", "2026-12-01T00:00:00Z")).toEqual({ end: false, remove: true });
    expect(at("over", "2026-11-01T00:00:00Z")).toEqual({ end: false, remove: false });
  });
});

const RULES: Stacking = {
  order: ["price", "member_price", "promotion", "coupon"],
  base: "reduced",
  apart: [["promotion", "coupon"]],
  once: [["price", "member_price"], ["promotion"]],
  promotions: { kind: "unlimited" },
  coupons: { kind: "at_most", most: 1 },
  share_most: 500,
  below_cost: false,
  cash: null,
  overlap: "refused",
};

describe("how offers go together", () => {
  it("is a sentence each", () => {
    const said = rulesText(RULES, spoken);
    expect(said).toContain("Never together in one cart: cart promotions and coupons.");
    expect(said).toContain("A line takes only one of its cart promotions.");
    expect(said).toContain("At most 1 coupon in a cart.");
    expect(said).toContain("All offers together take at most 50 % off the goods.");
    expect(said.join(" ")).not.toMatch(/stacking\.|undefined/);
  });

  it("is the same after it was read and written", () => {
    const own = stacking.draftOf(RULES);
    expect(stacking.isWhole(own)).toBe(true);
    expect(stacking.stackingOf(own)).toEqual(RULES);
    expect(stacking.isWhole({ ...own, cash: stacking.CASH })).toBe(false);
    expect(stacking.isWhole({ ...own, once: [[]] })).toBe(false);
  });

  it("knows a pair in either order", () => {
    const [pair] = [["coupon", "promotion"]] as [[Stacking["order"][0], Stacking["order"][0]]];
    expect(stacking.areApart(RULES.apart as never, pair)).toBe(true);
    expect(stacking.withPair(RULES.apart as never, pair, false)).toEqual([]);
    expect(stacking.moved(RULES.order, 3, -1)).toEqual([
      "price",
      "member_price",
      "coupon",
      "promotion",
    ]);
    expect(stacking.moved(RULES.order, 0, -1)).toEqual(RULES.order);
  });
});

const OFFER = { kind: "promotion", number: "1", name: "forty off", code: null };

describe("a cart that is tried", () => {
  it("leaves out what is empty", () => {
    const lines = [{ sku: " coat ", pieces: 2, unit: null }, cart.NO_LINE];
    expect(cart.isWhole(cart.FRESH)).toBe(false);
    expect(cart.formOf({ ...cart.FRESH, lines, customer: " 7 ", codes: [" "] })).toEqual({
      lines: [{ sku: "coat", pieces: 2 }],
      customer: { customer_id: "7" },
    });
  });

  it("says what is out of reach, and why an offer does not apply", () => {
    const miss = { offer: OFFER, step: 0, spend_minor: 0, gain_minor: 4_000 };
    const money = { ...miss, lacks: { kind: "money" as const, minor: 1_200 } };
    expect(missText(money, spoken)).toBe("12.00 more for 40.00 off: “forty off”");
    const gift = { product_id: "7", sku: "hat", title: null, pieces: 1 };
    const parts = { ...miss, lacks: { kind: "parts" as const, parts: [gift] } };
    expect(missText(parts, spoken)).toBe("Add hat × 1 for 40.00 off: “forty off”");
    expect(unusedText({ offer: OFFER, why: "used_up", other: null }, spoken)).toMatch(/^used up/);
    const beside = { offer: OFFER, why: "beside", other: { ...OFFER, name: "ten off" } };
    expect(unusedText(beside, spoken)).toBe("not together with “ten off”");
  });

  it("says what an offer did", () => {
    const step = {
      offer: OFFER,
      stage: "promotion",
      step: 1,
      times: 2,
      measured_minor: 30_000,
      measured_pieces: 3,
      off_minor: 4_000,
      postage_minor: 0,
      back_minor: 0,
      worth_minor: 0,
      gifts: [],
      lines: [],
    } satisfies Quote["steps"][number];
    expect(stepText(step, spoken)).toEqual([
      "measured on 3 pieces, 300.00",
      "step 2",
      "used 2 times",
      "40.00 off",
    ]);
  });
});

describe("a checkout", () => {
  it("gives back what it has left", () => {
    const lines = [{ pieces: 3 }, { pieces: 1 }] as Quote["lines"];
    const own = { quote: { lines }, returned: [1, 1] } as CheckoutShown;
    expect([left(own, 0), left(own, 1), left(own, 2)]).toEqual([2, 0, 0]);
    expect(piecesOf({ 0: 2, 1: 0 })).toEqual([{ line: 0, pieces: 2 }]);
  });

  it("says what comes back", () => {
    const of = { off_minor: 500, postage_minor: 0, whole: true, gifts: [] };
    const told = {
      minor: 27_500,
      postage_minor: 800,
      points: 300,
      lines: [],
      state: "refunded",
      offers: [
        { ...of, offer: { kind: "coupon", number: "9", name: "five", code: "AB" }, back_minor: 0 },
        { ...of, offer: OFFER, back_minor: 100 },
      ],
    } satisfies CheckoutBack;
    expect(backText(told, spoken)).toEqual([
      "275.00 for the goods",
      "8.00 of postage",
      "300 points",
      "Coupon “five” (AB) can be used again, if its terms say so",
      "1.00 of stored value is taken back: “forty off”",
    ]);
  });
});
