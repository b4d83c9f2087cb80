import { useTranslation } from "react-i18next";
import { count } from "../../format";
import { useMoney } from "../../part/value";
import { useOfferText } from "../offer/say";
import type { Most } from "../offer/terms";
import type { Terms } from "./terms";
import { LIMITS, offerOf } from "./terms";

/** What coupons say, in words: what they do, for whom and until when, and to how many. */
export function useCouponText(all: Terms[]) {
  const { t } = useTranslation();
  const money = useMoney();
  const text = useOfferText(all.map(offerOf));
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
    const { does, scope } = text(offerOf(terms));
    return [does, [...scope, validity(terms.validity)].join(" · "), limits(terms).join(" · ")];
  };
}
