import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import type { Choice, Filter } from "../../part/filter";
import { STRATA } from "../../part/value";
import { useCan } from "../../session";
import { Stages } from "../lifecycle/stages";

type FacetName =
  | "province"
  | "city"
  | "channel"
  | "favourite_category"
  | "favourite_brand"
  | "country_code"
  | "age_band";
const SCORES = ["5", "4", "3", "2", "1"];

export function useCustomerFilters(): Filter[] {
  const { t } = useTranslation();
  const facets = useApi("GET /customers/facets", {}, { staleTime: 300_000 });
  const can = useCan();
  const segments = useApi(
    "GET /segments",
    {},
    { enabled: can("segments.read"), staleTime: 60_000 },
  );
  const tags = useApi("GET /tags", {}, { enabled: can("segments.read"), staleTime: 60_000 });
  const benefits = { enabled: can("benefits.read"), staleTime: 60_000 };
  const tiers = useApi("GET /tiers", {}, benefits);
  const activities = useApi("GET /activities", {}, benefits);
  return useMemo(() => {
    const name = (key: string) => t(`customer.${key}`);
    const facet = (key: FacetName, main = false): Filter => ({
      key,
      kind: "choice",
      name: name(key),
      main,
      options: (facets.data?.[key] ?? []).map((one): Choice => ({
        value: one.value,
        label: one.value,
        aside: count(one.customers),
      })),
    });
    const score = (key: "r" | "f" | "m"): Filter => ({
      key,
      kind: "choice",
      name: name(`score_${key}`),
      options: SCORES.map((value) => ({ value, label: `${key.toUpperCase()}${value}` })),
    });
    const known = (key: "has_phone" | "has_email"): Filter => ({
      key,
      kind: "choice",
      name: name(key),
      options: ["true", "false"].map((value) => ({ value, label: t(`customer.known_${value}`) })),
    });
    return [
      { key: "q", kind: "text", name: t("list.filter"), main: true, hint: name("search_hint") },
      {
        key: "stratum",
        kind: "choice",
        name: name("stratum"),
        main: true,
        options: STRATA.map((value) => ({ value, label: t(`stratum.${value}`) })),
      },
      {
        key: "lifecycle",
        kind: "choice",
        name: t("nav.lifecycle"),
        options: Stages.map((value) => ({ value, label: t(`lifecycle.stage.${value}`) })),
      },
      {
        key: "segment",
        kind: "choice",
        name: t("segment.one"),
        options: (segments.data ?? [])
          .filter((one) => one.size !== null && !one.private)
          .map((one): Choice => ({
            value: one.segment_id,
            label: one.name,
            aside: count(one.size ?? 0),
          })),
      },
      {
        key: "tag",
        kind: "choice",
        name: t("tag.one"),
        options: (tags.data ?? []).map((one): Choice => ({
          value: one.tag_id,
          label: one.name,
          aside: count(one.customers ?? 0),
        })),
      },
      {
        key: "tier",
        kind: "choice",
        name: t("nav.tiers"),
        options: (tiers.data ?? []).map((one): Choice => ({
          value: one.tier_id,
          label: one.name,
          aside: count(one.customers),
        })),
      },
      {
        key: "activity",
        kind: "choice",
        name: t("nav.activities"),
        options: (activities.data ?? []).map((one): Choice => ({
          value: one.activity_id,
          label: one.name,
          aside: count(one.customers),
        })),
      },
      { key: "net", kind: "money", name: name("net_minor"), main: true },
      { key: "last_order", kind: "date", name: name("last_order_at"), main: true },
      facet("province", true),
      facet("channel"),
      { key: "paid_orders", kind: "number", name: name("paid_orders") },
      { key: "order_value", kind: "money", name: name("order_value_minor") },
      { key: "last_paid", kind: "date", name: name("last_paid_order_at") },
      { key: "last_visit", kind: "date", name: name("last_visit_at") },
      { key: "first_order", kind: "date", name: name("first_order_at") },
      { key: "orders", kind: "number", name: name("orders") },
      { key: "registered", kind: "date", name: name("registered_at") },
      facet("favourite_category"),
      facet("favourite_brand"),
      facet("age_band"),
      facet("city"),
      facet("country_code"),
      {
        key: "gender",
        kind: "choice",
        name: name("gender"),
        options: ["female", "male"].map((value) => ({ value, label: name(`gender_${value}`) })),
      },
      known("has_phone"),
      known("has_email"),
      score("r"),
      score("f"),
      score("m"),
    ];
  }, [t, facets.data, segments.data, tags.data, tiers.data, activities.data]);
}
