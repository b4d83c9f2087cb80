import { expect, it } from "vitest";
import { daysIn, periodOf } from "../src/period";

const now = new Date("2026-11-21T18:30:00Z");
const zone = "Asia/Shanghai";

it.each([
  [{}, "30", "2026-10-23", "2026-11-21", 30],
  [{ period: "7" }, "7", "2026-11-15", "2026-11-21", 7],
  [{ period: "today" }, "today", "2026-11-22", "2026-11-22", 1],
  [{ from: "2026-11-01", to: "2026-11-11" }, "custom", "2026-11-01", "2026-11-11", 11],
  [{ from: "2026-11-11", to: "2026-11-01" }, "30", "2026-10-23", "2026-11-21", 30],
  [{ period: "custom" }, "30", "2026-10-23", "2026-11-21", 30],
])("%j", (search, name, from, to, days) => {
  const period = periodOf(search, zone, now);
  expect(period).toEqual({ name, from, to });
  expect(daysIn(period)).toBe(days);
});
