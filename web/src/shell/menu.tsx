import {
  AimOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  CalendarOutlined,
  CodeOutlined,
  CrownOutlined,
  FilterOutlined,
  GiftOutlined,
  PercentageOutlined,
  HeartOutlined,
  HistoryOutlined,
  NotificationOutlined,
  ImportOutlined,
  ApiOutlined,
  ProfileOutlined,
  SettingOutlined,
  ShoppingOutlined,
  SwapOutlined,
  TagsOutlined,
  TeamOutlined,
  WalletOutlined,
} from "@ant-design/icons";
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Permission } from "../api/shape";
import { useCan } from "../session";

export interface PageEntry {
  name: string;
  to:
    | "/"
    | "/customers"
    | "/orders"
    | "/products"
    | "/imports"
    | "/sources"
    | "/segments"
    | "/tiers"
    | "/ledger"
    | "/earn-rules"
    | "/coupons"
    | "/promotions"
    | "/rewards"
    | "/activities"
    | "/lifecycle"
    | "/positioning"
    | "/preferences"
    | "/tags"
    | "/rfm"
    | "/query"
    | "/settings";
  may: Permission | null;
  icon: ReactNode;
}

/** The loop in a seller's words; only what exists. */
export const GROUPS: { step: string | null; pages: PageEntry[] }[] = [
  {
    step: null,
    pages: [{ name: "overview", to: "/", may: "kpi.read", icon: <AppstoreOutlined aria-hidden /> }],
  },
  {
    step: "perceive",
    pages: [
      {
        name: "customers",
        to: "/customers",
        may: "customers.read",
        icon: <TeamOutlined aria-hidden />,
      },
      { name: "orders", to: "/orders", may: "orders.read", icon: <ProfileOutlined aria-hidden /> },
      {
        name: "products",
        to: "/products",
        may: "products.read",
        icon: <ShoppingOutlined aria-hidden />,
      },
      {
        name: "imports",
        to: "/imports",
        may: "imports.read",
        icon: <ImportOutlined aria-hidden />,
      },
      { name: "sources", to: "/sources", may: "sources.read", icon: <ApiOutlined aria-hidden /> },
    ],
  },
  {
    step: "stratify",
    pages: [
      {
        name: "segments",
        to: "/segments",
        may: "segments.read",
        icon: <FilterOutlined aria-hidden />,
      },
      { name: "tags", to: "/tags", may: "segments.read", icon: <TagsOutlined aria-hidden /> },
      { name: "rfm", to: "/rfm", may: "rfm.read", icon: <BarChartOutlined aria-hidden /> },
      {
        name: "lifecycle",
        to: "/lifecycle",
        may: "segments.read",
        icon: <HistoryOutlined aria-hidden />,
      },
      {
        name: "preferences",
        to: "/preferences",
        may: "segments.read",
        icon: <HeartOutlined aria-hidden />,
      },
      {
        name: "positioning",
        to: "/positioning",
        may: "segments.read",
        icon: <AimOutlined aria-hidden />,
      },
    ],
  },
  {
    step: "benefit",
    pages: [
      { name: "tiers", to: "/tiers", may: "benefits.read", icon: <CrownOutlined aria-hidden /> },
      {
        name: "activities",
        to: "/activities",
        may: "benefits.read",
        icon: <CalendarOutlined aria-hidden />,
      },
      { name: "ledger", to: "/ledger", may: "benefits.read", icon: <WalletOutlined aria-hidden /> },
      {
        name: "earn_rules",
        to: "/earn-rules",
        may: "benefits.read",
        icon: <GiftOutlined aria-hidden />,
      },
      {
        name: "coupons",
        to: "/coupons",
        may: "benefits.read",
        icon: <PercentageOutlined aria-hidden />,
      },
      {
        name: "promotions",
        to: "/promotions",
        may: "benefits.read",
        icon: <NotificationOutlined aria-hidden />,
      },
      {
        name: "rewards",
        to: "/rewards",
        may: "benefits.read",
        icon: <SwapOutlined aria-hidden />,
      },
    ],
  },
  {
    step: "evaluate",
    pages: [{ name: "query", to: "/query", may: "query.run", icon: <CodeOutlined aria-hidden /> }],
  },
  {
    step: null,
    pages: [
      { name: "settings", to: "/settings", may: null, icon: <SettingOutlined aria-hidden /> },
    ],
  },
];

export function Menu({ folded }: { folded: boolean }) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <nav className="menu" aria-label={t("nav.label")}>
      {GROUPS.map((group, at) => {
        const pages = group.pages.filter((page) => page.may === null || can(page.may));
        if (pages.length === 0) return null;
        return (
          <div className="menu-group" key={at}>
            {group.step && <p className="menu-step">{folded ? "" : t(`nav.${group.step}`)}</p>}
            <ul>
              {pages.map((page) => (
                <Item key={page.name} page={page} folded={folded} />
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function Item({ page, folded }: { page: PageEntry; folded: boolean }) {
  const { t } = useTranslation();
  const path = useLocation({ select: (location) => location.pathname });
  const here = page.to === "/" ? path === "/" : path === page.to || path.startsWith(`${page.to}/`);
  const name = t(`nav.${page.name}`);
  return (
    <li>
      <Link
        to={page.to}
        className={here ? "menu-item here" : "menu-item"}
        aria-current={here ? "page" : undefined}
        title={folded ? name : undefined}
      >
        <span aria-hidden="true" className="menu-icon">
          {page.icon}
        </span>
        <span className={folded ? "unseen" : "clip"}>{name}</span>
      </Link>
    </li>
  );
}
