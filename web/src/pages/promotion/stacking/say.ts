import type { TFunction } from "i18next";
import { count } from "../../../format";
import { percent } from "../../offer/text";
import { WHOLE } from "../../offer/terms";
import type { Stacking, Stage } from "../../../api/shape";

export interface RulesSpeaker {
  t: TFunction;
  money: (minor: number) => string;
}

/** How a shop's offers go together, a sentence each. */
export function rulesText(own: Stacking, { t, money }: RulesSpeaker): string[] {
  const name = (stage: Stage) => t(`stacking.stage.${stage}`);
  const { cash, share_most } = own;
  const limit = (which: "promotions" | "coupons") => {
    const most = own[which];
    if (most.kind === "unlimited") return t(`stacking.any_${which}`);
    return t(`stacking.most_${which}`, { count: most.most });
  };
  const worth = () => {
    if (!cash) return t("stacking.no_cash");
    const text = t("stacking.cash_text", { points: count(cash.points), amount: money(cash.minor) });
    const most = t("stacking.cash_most", { share: percent(cash.share_most) });
    return [
      text,
      ...(cash.share_most < WHOLE ? [most] : []),
      t(cash.beside_coupons ? "stacking.cash_beside" : "stacking.cash_alone"),
    ].join(t("ledger.stop"));
  };
  return [
    t("stacking.order_text", { stages: own.order.map(name).join(" → ") }),
    t(`stacking.base_text.${own.base}`),
    ...own.once.map((stages) =>
      stages.length === 1
        ? t("stacking.once_single", { name: stages.map(name).join("") })
        : t("stacking.once_text", { names: stages.map(name).join(t("ledger.comma")) }),
    ),
    ...own.apart.map(([one, other]) =>
      t("stacking.apart_text", { one: name(one), other: name(other) }),
    ),
    limit("promotions"),
    limit("coupons"),
    share_most < WHOLE
      ? t("stacking.share_text", { share: percent(share_most) })
      : t("stacking.share_all"),
    t(own.below_cost ? "stacking.below_cost_text" : "stacking.floor_text"),
    worth(),
    t(`stacking.overlap_text.${own.overlap}`),
  ];
}
