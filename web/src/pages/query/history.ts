import { recall, remember } from "../../memory";

/** What somebody asked in this browser before. */
export interface Past {
  sql: string;
  at: string;
  rows: number;
  took: number;
}

const NAME = "queries";
const KEPT = 30;

export function pastQueries(): Past[] {
  try {
    const kept: unknown = JSON.parse(recall(NAME) ?? "[]");
    return Array.isArray(kept) ? (kept as Past[]) : [];
  } catch {
    return [];
  }
}

/** Keeps a query, the latest first; one that is asked again moves up. */
export function keepQuery(past: Past) {
  const others = pastQueries().filter((one) => one.sql !== past.sql);
  remember(NAME, JSON.stringify([past, ...others].slice(0, KEPT)));
}
