import { useApi } from "../../api/hooks";
import { useCan } from "../../session";

/** Fields whose values are the numbers of sets of customers, beside segments. */
const ROSTERS = ["tag", "tier", "activity"] as const;
type Roster = (typeof ROSTERS)[number];

export type NameOf = (field: string, value: string) => string | undefined;

export const isRoster = (field: string): field is Roster =>
  (ROSTERS as readonly string[]).includes(field);

/** What conditions may name: tags that people put on, levels and activities, by field. */
export function useRosters(wanted: readonly string[] = ROSTERS) {
  const can = useCan();
  const need = (field: Roster) => wanted.includes(field);
  const benefits = can("benefits.read");
  const tags = useApi("GET /tags", {}, { enabled: need("tag") });
  const tiers = useApi("GET /tiers", {}, { enabled: need("tier") && benefits });
  const activities = useApi("GET /activities", {}, { enabled: need("activity") && benefits });
  const byHand = (tags.data ?? []).filter((one) => !one.segment_id);
  return {
    tag: byHand.map((one) => ({ value: one.tag_id, label: one.name })),
    tier: (tiers.data ?? []).map((one) => ({ value: one.tier_id, label: one.name })),
    activity: (activities.data ?? []).map((one) => ({ value: one.activity_id, label: one.name })),
  };
}

/** Tells the names of what conditions may name. */
export function useNames(): NameOf {
  const rosters = useRosters();
  return (field, value) =>
    isRoster(field) ? rosters[field].find((one) => one.value === value)?.label : undefined;
}
