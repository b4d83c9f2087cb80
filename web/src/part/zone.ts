import { minute } from "../format";

/** The same digits as if the clocks were those of Greenwich. */
const asUtc = (local: string) => Date.parse(`${local.replace(" ", "T")}:00Z`);

/**
 * The moment at which a zone's clocks show `2026-11-22 14:05`. Where they show it twice it is the
 * first; where they leap over it, the moment so long after the leap.
 */
export function instantOf(local: string, zone: string): string {
  const wanted = asUtc(local);
  const shown = (at: number) => asUtc(minute(new Date(at), zone));
  const offsets = [-1, 1].map((days) => {
    const near = wanted + days * 86_400_000;
    return shown(near) - near;
  });
  const all = offsets.map((offset) => wanted - offset).sort((a, b) => a - b);
  const exact = all.find((at) => shown(at) === wanted);
  return new Date(exact ?? wanted - (offsets[0] ?? 0)).toISOString();
}

/** Whether something would end before it begins, or when it does. */
export function isTurned(starts_at: string | null, ends_at: string | null): boolean {
  if (!starts_at || !ends_at || ends_at === "never") return false;
  return Date.parse(ends_at) <= Date.parse(starts_at);
}
