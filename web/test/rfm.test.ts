import { describe, expect, it } from "vitest";
import type { RfmReport } from "../src/api/shape";
import { cellsOf, pick, shade, side } from "../src/pages/rfm/cells";
import { rising } from "../src/pages/rfm/thresholds";

const matrix = [
  { r: 5, f: 5, m: 5, customers: 10, net_minor: 1000 },
  { r: 5, f: 5, m: 4, customers: 5, net_minor: 100 },
  { r: 1, f: 1, m: 1, customers: 40, net_minor: 40 },
];

describe("the matrix", () => {
  it("adds the scores of money up, or shows one of them", () => {
    const all = cellsOf({ matrix } as unknown as RfmReport, null);
    expect(all[0]?.[4]).toEqual({ r: 5, f: 5, customers: 15, net_minor: 1100 });
    expect(all[4]?.[0]?.customers).toBe(40);
    const four = cellsOf({ matrix } as unknown as RfmReport, 4);
    expect(four[0]?.[4]?.customers).toBe(5);
    expect(four[4]?.[0]?.customers).toBe(0);
  });
  it("draws areas by people and shades by the root of money", () => {
    expect(side(40, 40, 32)).toBe(32);
    expect(side(10, 40, 32)).toBe(16);
    expect(side(0, 40, 32)).toBe(0);
    expect([-5, 0, 1, 250, 1000].map((minor) => shade(minor, 1000))).toEqual([0, 0, 1, 3, 5]);
  });
  it("is chosen from by click and shift-click", () => {
    expect(pick([], "55", false)).toEqual(["55"]);
    expect(pick(["55"], "54", false)).toEqual(["54"]);
    expect(pick(["55"], "55", false)).toEqual([]);
    expect(pick(["55"], "54", true)).toEqual(["55", "54"]);
    expect(pick(["55", "54"], "55", true)).toEqual(["54"]);
  });
  it("takes only cut points that rise", () => {
    expect(rising([1, 2, 3, 4])).toBe(true);
    expect(rising([1, 2, 2, 4])).toBe(false);
  });
});
