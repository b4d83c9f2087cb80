import { describe, expect, it } from "vitest";
import type { Reward } from "../src/api/shape";
import { givesText, priceText } from "../src/pages/reward/say";
import { begun, draftOf, formOf, isWhole } from "../src/pages/reward/terms";
import { spoken } from "./spoken";

const START = "2026-11-11T00:00:00Z";

function draft() {
  const own = { name: " a mug ", product: 7, points: 500, ends_at: "never" as const };
  return { ...begun(START), ...own };
}

describe("a reward", () => {
  it("is whole when it says what it gives, for what and until when", () => {
    expect(isWhole(begun(START))).toBe(false);
    expect(isWhole(draft())).toBe(true);
    expect(isWhole({ ...draft(), product: 0 })).toBe(false);
    expect(isWhole({ ...draft(), points: 0 })).toBe(false);
    expect(isWhole({ ...draft(), ends_at: null })).toBe(false);
    expect(isWhole({ ...draft(), ends_at: START })).toBe(false);
    expect(isWhole({ ...draft(), kind: "coupon" })).toBe(false);
    expect(isWhole({ ...draft(), kind: "coupon", coupon: "3" })).toBe(true);
  });

  it("is the same after it was written and read", () => {
    for (const own of [draft(), { ...draft(), kind: "coupon" as const, coupon: "3", cash: 990 }]) {
      const form = formOf({ ...own, stock: 5, tiers: ["2"] });
      const read = { ...form, ends_at: null } as unknown as Reward;
      expect(formOf(draftOf(read))).toEqual(form);
    }
  });

  it("says what it gives and what it costs", () => {
    const mug = { kind: "product" as const, product_id: "7", pieces: 2 };
    expect(givesText({ gives: mug, title: "mug" }, spoken.t)).toBe("mug × 2");
    const coupon = { kind: "coupon" as const, coupon_id: "3" };
    expect(givesText({ gives: coupon, title: null }, spoken.t)).toBe("Coupon “#3”");
    expect(priceText({ points: 1, cash_minor: 0 }, spoken)).toBe("1 point");
    expect(priceText({ points: 500, cash_minor: 990 }, spoken)).toBe("500 points and 9.90");
  });
});
