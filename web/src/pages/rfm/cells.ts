import type { RfmReport } from "../../api/shape";

export const SCORES = [1, 2, 3, 4, 5] as const;

export interface Cell {
  r: number;
  f: number;
  customers: number;
  net_minor: number;
}

/** The cells of R and F, of one score of M or of all of them; from R5 down, F from 1 up. */
export function cellsOf(report: RfmReport, m: number | null): Cell[][] {
  const find = (r: number, f: number) => {
    const cell: Cell = { r, f, customers: 0, net_minor: 0 };
    for (const one of report.matrix) {
      if (one.r !== r || one.f !== f || (m !== null && one.m !== m)) continue;
      cell.customers += one.customers;
      cell.net_minor += one.net_minor;
    }
    return cell;
  };
  return [...SCORES].reverse().map((r) => SCORES.map((f) => find(r, f)));
}

export const cellKey = (cell: { r: number; f: number }) => `${cell.r}${cell.f}`;

/**
 * Which of five shades an amount has beside the largest one, 0 for none. By the root, so that one
 * rich cell does not make all the others look alike.
 */
export function shade(minor: number, most: number): number {
  if (minor <= 0 || most <= 0) return 0;
  return Math.min(5, Math.floor(Math.sqrt(minor / most) * 4) + 1);
}

/** Sides whose squares are to each other as the people are, at most `full`. */
export function side(customers: number, most: number, full: number): number {
  if (customers === 0 || most === 0) return 0;
  return Math.max(3, Math.sqrt(customers / most) * full);
}

/** A click chooses one cell, another on it none; with shift it adds or takes away. */
export function pick(chosen: string[], key: string, adding: boolean): string[] {
  if (adding) {
    return chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key];
  }
  return chosen.length === 1 && chosen[0] === key ? [] : [key];
}
