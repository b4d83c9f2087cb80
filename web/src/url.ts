import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Record<string, string | undefined>;

/** The search part of the address as state: what is filtered can be bookmarked and sent on. */
export function useUrl(): [Search, (change: Search, how?: { replace?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (next: Search, how: { replace?: boolean } = {}) => {
      void navigate({
        to: ".",
        search: (now: Search) => merged(now, next),
        replace: how.replace ?? false,
        resetScroll: false,
      } as never);
    },
    [navigate],
  );
  return [search, change];
}

/** A search with some of its parts changed; what is empty is left out. */
export function merged(now: Search, next: Search): Search {
  const all = Object.entries({ ...now, ...next });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== ""));
}

/** The parts of a search that say what is shown, without those that say where the reader is. */
export function filtersOf(search: Search, keys: string[]): Search {
  const wanted = new Set(keys);
  return Object.fromEntries(Object.entries(search).filter(([key]) => wanted.has(key)));
}

/** Reads `-net_minor` as a field and its direction. */
export function readSort(text: string | undefined) {
  if (!text) return null;
  return text.startsWith("-")
    ? { field: text.slice(1), order: "descend" as const }
    : { field: text, order: "ascend" as const };
}

export function writeSort(field: string, order: "ascend" | "descend" | null | undefined) {
  if (!order) return undefined;
  return order === "descend" ? `-${field}` : field;
}
