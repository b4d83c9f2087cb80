import type { CheckoutBack } from "../../../api/shape";
import { count } from "../../../format";
import type { Speaker } from "../../offer/text";
import { giftsText, offerName } from "../quote/say";

/** What comes back, a sentence each. */
export function backText(told: CheckoutBack, { t, money }: Pick<Speaker, "t" | "money">): string[] {
  const { minor, postage_minor, points, offers } = told;
  const of = offers.flatMap(({ offer, whole, back_minor, gifts }) => {
    const name = offerName(offer, { t });
    return [
      ...(back_minor ? [t("checkout.taken_back", { name, amount: money(back_minor) })] : []),
      ...(whole && offer.kind === "coupon" ? [t("checkout.coupon_back", { name })] : []),
      ...(gifts.length > 0 ? [t("checkout.gifts_back", { gifts: giftsText(gifts, { t }) })] : []),
    ];
  });
  return [
    t("checkout.money_back", { amount: money(minor) }),
    ...(postage_minor ? [t("checkout.postage_back", { amount: money(postage_minor) })] : []),
    ...(points ? [t("checkout.points_back", { points: count(points) })] : []),
    ...of,
  ];
}
