import { day, shiftDay } from "./format";
import type { Search } from "./url";

export const PERIODS = ["today", "7", "30", "90", "custom"] as const;
export type PeriodName = (typeof PERIODS)[number];

export interface Period {
  name: PeriodName;
  from: string;
  to: string;
}

/**
 * The days that an address asks for, by the shop's calendar. Spans end yesterday: a day that is
 * not over would look like a fall.
 */
export function periodOf(search: Search, zone: string, now: Date = new Date()): Period {
  const today = day(now, zone);
  const { from, to } = search;
  if (from && to && from <= to) return { name: "custom", from, to };
  const name = PERIODS.find((one) => one === search.period && one !== "custom") ?? "30";
  if (name === "today") return { name, from: today, to: today };
  return { name, from: shiftDay(today, -Number(name)), to: shiftDay(today, -1) };
}

export function daysIn(period: { from: string; to: string }): number {
  return Math.round((Date.parse(period.to) - Date.parse(period.from)) / 86_400_000) + 1;
}
