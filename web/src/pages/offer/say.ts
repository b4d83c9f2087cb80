import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { useMoney } from "../../part/value";
import { useProductNames } from "./products";
import type { Offer } from "./terms";
import type { Speaker } from "./text";
import { effectText, scopeText } from "./text";

function productsOf({ effect, scope }: Offer): number[] {
  const gifts = (effect.steps ?? []).flatMap((step) => step.gives.gifts ?? []);
  const parts = [...(effect.parts ?? []), ...gifts].map((part) => part.product);
  return [...parts, ...(effect.products ?? []), ...(scope.goods.of?.products ?? [])];
}

/** Who puts offers into words, with the names of the levels and products in them. */
export function useSpeaker(products: number[]): Speaker {
  const { t, i18n } = useTranslation();
  const money = useMoney();
  const tiers = useApi("GET /tiers");
  return {
    t,
    chinese: i18n.language.startsWith("zh"),
    money: money.full,
    tier: (own) => tiers.data?.find((tier) => tier.tier_id === String(own))?.name ?? String(own),
    product: useProductNames(products),
  };
}

/** What offers say, in words: what they do, and for what and whom. */
export function useOfferText(offers: Offer[]) {
  const speaker = useSpeaker(offers.flatMap(productsOf));
  return (offer: Offer) => ({
    does: effectText(offer.effect, speaker),
    scope: scopeText(offer, speaker),
  });
}
