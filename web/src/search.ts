import type { Search } from "./url";

/** Everything in an address is text: `?r=5` must stay what it is. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") out.set(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}

/** Whether a path leads to a page of this console, and nowhere else. */
export function isInside(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}
