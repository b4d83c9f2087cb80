import type { TFunction } from "i18next";
import type { Reward } from "../../api/shape";
import { count } from "../../format";

/** What a reward gives. */
export function givesText({ gives, title }: Pick<Reward, "gives" | "title">, t: TFunction): string {
  if (gives.kind === "coupon") {
    return t("reward.gives_coupon", { name: title ?? `#${gives.coupon_id}` });
  }
  return `${title ?? `#${gives.product_id}`} × ${count(gives.pieces)}`;
}

interface Words {
  t: TFunction;
  money: (minor: number) => string;
}

/** What it costs: points, and money where that is asked for. */
export function priceText(
  { points, cash_minor }: Pick<Reward, "points" | "cash_minor">,
  { t, money }: Words,
): string {
  const own = t("reward.points_text", { count: points });
  return cash_minor ? t("reward.and_cash", { points: own, amount: money(cash_minor) }) : own;
}
