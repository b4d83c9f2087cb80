import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { useMoney } from "../../part/value";
import type { Most, Offer, Terms } from "./terms";
import { LIMITS, offerOf, PERCENT, WHOLE } from "./terms";

/** What a coupon says, in words: what it does, for whom and until when, and to how many. */
export function useCouponText() {
  const { t, i18n } = useTranslation();
  const money = useMoney();
  const tiers = useApi("GET /tiers");
  const from = (own: { kind: string; minor?: number; pieces?: number }) => {
    if (own.kind === "none") return t("coupon.from.none");
    if (own.kind === "pieces") return t("coupon.from.pieces", { count: own.pieces ?? 0 });
    return t("coupon.from.money", { amount: money.full(own.minor ?? 0) });
  };
  const gives = ({ minor, share }: { minor?: number; share?: number }) => {
    if (minor !== undefined) return t("coupon.gives.minor", { amount: money.full(minor) });
    // Chinese names what is left, in tenths.
    const off = (share ?? 0) / PERCENT;
    const said = i18n.language.startsWith("zh") ? (WHOLE / PERCENT - off) / 10 : off;
    return t("coupon.gives.share", { off: said });
  };
  const effect = ({ kind, steps, from: least, most }: Offer["effect"]) => {
    const own =
      steps?.every((step) => step.gives.minor ?? step.gives.share) && steps.length
        ? steps.map((step) => `${from(step.from)} ${gives(step.gives)}`).join(t("ledger.comma"))
        : `${least ? `${from(least)} ` : ""}${t(`coupon.kind.${kind}`)}`;
    const cap = most?.kind === "at_most" ? t("coupon.cap", { amount: money.full(most.most) }) : "";
    return own + cap;
  };
  const scope = ({ goods, tiers: levels, first_order, segments }: Offer["scope"]) => {
    const { categories = [], brands = [], products = [] } = goods.of ?? {};
    const named = [...categories, ...brands, ...products.map(String)].join(t("ledger.comma"));
    const names = (levels ?? []).map(
      (own) => tiers.data?.find((tier) => tier.tier_id === String(own))?.name ?? String(own),
    );
    return [
      goods.kind === "all" ? t("coupon.goods.all") : t(`coupon.goods.${goods.kind}`, { named }),
      ...(names.length ? [t("coupon.for_tiers", { names: names.join(t("ledger.comma")) })] : []),
      ...(segments?.length ? [t("coupon.for_segments", { count: segments.length })] : []),
      ...(first_order ? [t("coupon.first_order")] : []),
    ];
  };
  const validity = ({ kind, from: first, to, days, hours }: Terms["validity"]) =>
    t(`coupon.valid.${kind}`, { first, to, count: days ?? hours ?? 0 });
  const limits = (terms: Terms) =>
    LIMITS.map((name) => {
      const most = terms.limits[name] as unknown as Most;
      if (most === "unlimited") return t(`coupon.unlimited.${name}`);
      const amount = name === "budget" ? money.full(most) : count(most);
      return t(`coupon.limit_text.${name}`, { amount });
    });
  return (terms: Terms): string[] => {
    const offer = offerOf(terms);
    return [
      effect(offer.effect),
      [...scope(offer.scope), validity(terms.validity)].join(" · "),
      limits(terms).join(" · "),
    ];
  };
}
