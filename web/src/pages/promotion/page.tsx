import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Page } from "../../part/page";
import { useUrl } from "../../url";
import { CheckoutPart } from "./checkout/part";
import { PromotionList } from "./list";
import { QuotePart } from "./quote/part";
import { StackingPart } from "./stacking/part";

const TABS = [
  { key: "list", body: <PromotionList /> },
  { key: "stacking", body: <StackingPart /> },
  { key: "quote", body: <QuotePart /> },
  { key: "checkout", body: <CheckoutPart /> },
];

/** What the shop offers without a coupon, how offers go together, and what a cart gets by it. */
export function Promotions() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const here = TABS.find((tab) => tab.key === search.tab) ?? TABS[0];
  return (
    <Page title={t("nav.promotions")} lead={t("promotion.lead")}>
      <Tabs
        activeKey={here?.key ?? "list"}
        destroyOnHidden
        onChange={(tab) => change({ tab })}
        items={TABS.map(({ key, body }) => ({
          key,
          label: t(`promotion.tab.${key}`),
          children: body,
        }))}
      />
    </Page>
  );
}
