import { useTranslation } from "react-i18next";
import { TabbedPage } from "../../part/tabs";
import { CheckoutPart } from "./checkout/part";
import { PromotionList } from "./list";
import { QuotePart } from "./quote/part";
import { StackingPart } from "./stacking/part";

/** What the shop offers without a coupon, how offers go together, and what carts get by it. */
export function Promotions() {
  const { t } = useTranslation();
  const tabs = [
    { key: "list", body: <PromotionList /> },
    { key: "stacking", body: <StackingPart /> },
    { key: "quote", body: <QuotePart /> },
    { key: "checkout", body: <CheckoutPart /> },
  ].map((tab) => ({ ...tab, label: t(`promotion.tab.${tab.key}`) }));
  return <TabbedPage title={t("nav.promotions")} lead={t("promotion.lead")} tabs={tabs} />;
}
