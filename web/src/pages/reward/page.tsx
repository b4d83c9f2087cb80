import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Page } from "../../part/page";
import { useUrl } from "../../url";
import { ExchangeList } from "./exchange";
import { RewardList } from "./list";

const TABS = [
  { key: "list", body: <RewardList /> },
  { key: "exchange", body: <ExchangeList /> },
];

/** What customers can have for points, and who took it. */
export function Rewards() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const here = TABS.find((tab) => tab.key === search.tab) ?? TABS[0];
  return (
    <Page title={t("nav.rewards")} lead={t("reward.lead")}>
      <Tabs
        activeKey={here?.key ?? "list"}
        destroyOnHidden
        onChange={(tab) => change({ tab })}
        items={TABS.map(({ key, body }) => ({
          key,
          label: t(`reward.tab.${key}`),
          children: body,
        }))}
      />
    </Page>
  );
}
