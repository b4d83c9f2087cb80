import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Permission } from "../../api/shape";
import { Page } from "../../part/page";
import { useCan } from "../../session";
import { useUrl } from "../../url";
import { AuditTab } from "./audit";
import { KeysTab } from "./keys";
import { MeTab } from "./me";
import { PeopleTab } from "./people";
import { PrivacyTab } from "./privacy";
import "./setting.css";
import { ShopTab } from "./shop";
import { SystemTab } from "./system";

const TABS: { key: string; may: Permission | null; body: ReactNode }[] = [
  { key: "shop", may: null, body: <ShopTab /> },
  { key: "people", may: "staff.read", body: <PeopleTab /> },
  { key: "keys", may: "keys.read", body: <KeysTab /> },
  { key: "privacy", may: "audit.read", body: <PrivacyTab /> },
  { key: "audit", may: "audit.read", body: <AuditTab /> },
  { key: "system", may: "system.read", body: <SystemTab /> },
  { key: "me", may: null, body: <MeTab /> },
];

export function Settings() {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useUrl();
  const tabs = TABS.filter((tab) => tab.may === null || can(tab.may));
  const here = tabs.find((tab) => tab.key === search.tab) ?? tabs[0];
  return (
    <Page title={t("nav.settings")}>
      <Tabs
        activeKey={here?.key ?? "shop"}
        destroyOnHidden
        onChange={(tab) =>
          change({
            tab,
            new: undefined,
            action: undefined,
            actor: undefined,
            at_from: undefined,
            at_to: undefined,
            after: undefined,
          })
        }
        items={tabs.map(({ key, body }) => ({
          key,
          label: t(`setting.${key}`),
          children: <div className="setting">{body}</div>,
        }))}
      />
    </Page>
  );
}
