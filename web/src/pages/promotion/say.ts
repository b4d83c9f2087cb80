import type { TFunction } from "i18next";
import type { Promotion } from "../../api/shape";
import { count } from "../../format";

/** How much of a promotion is taken, and how much there is. */
export function limitsText({ limits, taken }: Promotion, t: TFunction): string[] {
  const { stock, each } = limits;
  return [
    ...(stock ? [t("promotion.limit.taken", { taken: count(taken), stock: count(stock) })] : []),
    ...(each ? [t("promotion.limit.for_each", { most: count(each) })] : []),
  ];
}
