import { useTranslation } from "react-i18next";
import { TabbedPage } from "../../part/tabs";
import { ExchangeList } from "./exchange";
import { RewardList } from "./list";

/** What customers can have for points, and who took it. */
export function Rewards() {
  const { t } = useTranslation();
  const tabs = [
    { key: "list", body: <RewardList /> },
    { key: "exchange", body: <ExchangeList /> },
  ].map((tab) => ({ ...tab, label: t(`reward.tab.${tab.key}`) }));
  return <TabbedPage title={t("nav.rewards")} lead={t("reward.lead")} tabs={tabs} />;
}
