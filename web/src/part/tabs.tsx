import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useUrl } from "../url";
import { Page } from "./page";

interface Tab {
  key: string;
  label: string;
  body: ReactNode;
}

interface TabbedPageProps {
  title: string;
  lead: string;
  /** The first one is shown where the address names none. */
  tabs: Tab[];
}

/** A page of tabs; the address says which is open. */
export function TabbedPage({ title, lead, tabs }: TabbedPageProps) {
  const [search, change] = useUrl();
  const here = tabs.find((tab) => tab.key === search.tab) ?? tabs[0];
  return (
    <Page title={title} lead={lead}>
      <Tabs
        activeKey={here?.key ?? ""}
        destroyOnHidden
        onChange={(tab) => change({ tab })}
        items={tabs.map(({ key, label, body }) => ({ key, label, children: body }))}
      />
    </Page>
  );
}
