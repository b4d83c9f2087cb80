import { describe, expect, it } from "vitest";
import * as format from "../src/format";

describe("money", () => {
  it.each([
    [1_234_560, "CNY", "¥12,345.60", "¥12,345.60"],
    [-10_050, "CNY", "−¥100.50", "−¥100.50"],
    [9_999_999, "CNY", "¥99,999.99", "¥99,999.99"],
    [10_000_000, "CNY", "¥10.00 \u4e07", "¥100,000.00"],
    [12_345_678_901, "CNY", "¥1.23 \u4ebf", "¥123,456,789.01"],
    [974_774_793, "GBP", "£974.77 \u4e07", "£9,747,747.93"],
    [-1_500_000, "JPY", "−JPY 150.00 \u4e07", "−JPY 1,500,000"],
    [5, "USD", "$0.05", "$0.05"],
    [12_345, "KWD", "KWD 12.345", "KWD 12.345"],
    [0, "CNY", "¥0.00", "¥0.00"],
  ])("%d %s", (minor, currency, chinese, english) => {
    expect(format.money(minor, currency, "zh").short).toBe(chinese);
    expect(format.money(minor, currency, "zh").full).toBe(english);
    expect(format.money(minor, currency, "en").short).toBe(english);
  });

  it("is read back from what somebody types", () => {
    expect(format.minorOf("1,234.5", "CNY")).toBe(123_450);
    expect(format.minorOf("1500", "JPY")).toBe(1500);
    expect(format.minorOf("12a", "CNY")).toBeNull();
  });

  it("is plain in files", () => {
    expect(format.plainAmount(123_450, "CNY")).toBe("1234.50");
    expect(format.plainAmount(1500, "JPY")).toBe("1500");
  });

  it("is short on axes", () => {
    expect(format.roundMoney(27_652_600, "CNY", "zh")).toBe("¥27.7 \u4e07");
    expect(format.roundMoney(27_652_600, "CNY", "en")).toBe("¥277k");
    expect(format.roundMoney(99_900, "CNY", "en")).toBe("¥999");
    expect(format.roundMoney(123_456_789_00, "CNY", "en")).toBe("¥123m");
  });
});

describe("counts and shares", () => {
  it("sets thousands apart", () => {
    expect(format.count(-12_345)).toBe("−12,345");
    expect(format.count(999)).toBe("999");
  });
  it("has one decimal", () => {
    expect(format.share(0.1234)).toBe("12.3%");
    expect(format.share(null)).toBe("–");
    expect(format.signedShare(-0.052)).toBe("−5.2%");
  });
  it("compares only where there is something before", () => {
    expect(format.change(110, 100)).toBeCloseTo(0.1);
    expect(format.change(110, 0)).toBeNull();
    expect(format.change(null, 5)).toBeNull();
  });
});

describe("time", () => {
  const at = "2026-11-21T18:30:00Z";
  it("is the shop's", () => {
    expect(format.day(at, "Asia/Shanghai")).toBe("2026-11-22");
    expect(format.minute(at, "Asia/Shanghai")).toBe("2026-11-22 02:30");
    expect(format.minute("2026-11-21T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-22 00:00");
    expect(format.day(at, "America/New_York")).toBe("2026-11-21");
  });
  it("is told relative to now", () => {
    const now = Date.parse("2026-11-24T18:30:00Z");
    expect(format.relative(at, "en", now)).toBe("3 days ago");
    expect(format.relative("2026-11-24T18:29:50Z", "en", now)).toBe("now");
    expect(format.relative("2026-12-30T00:00:00Z", "en", now)).toBe("next month");
  });
  it("moves by days", () => {
    expect(format.shiftDay("2026-03-01", -1)).toBe("2026-02-28");
  });
});

describe("files and spans", () => {
  it("says sizes and times", () => {
    expect(format.bytes(1536)).toBe("1.5 KB");
    expect(format.bytes(12)).toBe("12 B");
    expect(format.span(84)).toBe("84 ms");
    expect(format.span(1234)).toBe("1.2 s");
  });
  it("lets no spreadsheet take a cell for a formula", () => {
    expect(format.csvCell("=1+1")).toBe("'=1+1");
    expect(format.csvCell("-5")).toBe("'-5");
    expect(format.csvCell(-5)).toBe("-5");
    expect(format.csvCell('a"b,c')).toBe('"a""b,c"');
    expect(format.csvCell(null)).toBe("");
  });
});
