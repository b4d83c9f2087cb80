import {
  BgColorsOutlined,
  DownOutlined,
  GlobalOutlined,
  SearchOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import type { MenuProps } from "antd";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, setCaller } from "../api/client";
import { queryClient } from "../api/hooks";
import type { ModeWish } from "../look";
import { useLook } from "../look";
import { useSession } from "../session";
import { Jobs } from "./jobs";

const Palette = lazy(() => import("./palette").then((m) => ({ default: m.Palette })));

export function Bar() {
  const [searching, setSearching] = useState(false);
  useShortcut(() => setSearching(true));
  return (
    <>
      <ShopSwitch />
      <div className="grow" />
      <SearchButton onClick={() => setSearching(true)} />
      <Jobs />
      <LanguageSwitch />
      <ThemeSwitch />
      <Me />
      {searching && (
        <Suspense fallback={null}>
          <Palette onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </>
  );
}

function useShortcut(open: () => void) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [open]);
}

function SearchButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  const apple = navigator.platform.startsWith("Mac");
  return (
    <button type="button" className="bar-search" onClick={onClick}>
      <SearchOutlined aria-hidden="true" />
      {t("bar.search")}
      <kbd>{apple ? "⌘K" : "Ctrl K"}</kbd>
    </button>
  );
}

function ShopSwitch() {
  const { t } = useTranslation();
  const { session, shop, setShop } = useSession();
  const navigate = useNavigate();
  if (!shop) return null;
  const items: MenuProps["items"] = session.shops.map((one) => ({
    key: one.shop_id,
    label: one.name,
  }));
  const owns = session.shops.some((one) => one.permissions.includes("shop.edit"));
  if (owns) items.push({ type: "divider" }, { key: "new", label: t("bar.new_shop") });
  const pick: MenuProps["onClick"] = ({ key }) => {
    if (key === "new") return void navigate({ to: "/settings", search: { tab: "shop", new: "1" } });
    // The page of the other shop is left first: what it is about is not in this one.
    void navigate({ to: "/" }).then(() => setShop(key));
  };
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items, onClick: pick, selectable: true, selectedKeys: [shop.shop_id] }}
    >
      <Button
        type="text"
        className="bar-shop"
        aria-haspopup="menu"
        aria-label={t("bar.shop", { name: shop.name })}
      >
        <span className="clip">{shop.name}</span> <DownOutlined aria-hidden="true" />
      </Button>
    </Dropdown>
  );
}

function LanguageSwitch() {
  const { t } = useTranslation();
  const { lang, setLang } = useLook();
  const items: MenuProps["items"] = [
    { key: "zh", label: t("language.zh") },
    { key: "en", label: t("language.en") },
  ];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items,
        selectable: true,
        selectedKeys: [lang],
        onClick: ({ key }) => setLang(key === "en" ? "en" : "zh"),
      }}
    >
      <Button
        type="text"
        icon={<GlobalOutlined aria-hidden />}
        aria-label={t("bar.language")}
        aria-haspopup="menu"
      />
    </Dropdown>
  );
}

const WISHES: ModeWish[] = ["system", "light", "dark"];

function ThemeSwitch() {
  const { t } = useTranslation();
  const { wish, setWish } = useLook();
  const items = WISHES.map((key) => ({ key, label: t(`bar.theme_${key}`) }));
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items,
        selectable: true,
        selectedKeys: [wish],
        onClick: ({ key }) => setWish(WISHES.find((one) => one === key) ?? "system"),
      }}
    >
      <Button
        type="text"
        icon={<BgColorsOutlined aria-hidden />}
        aria-label={t("bar.theme")}
        aria-haspopup="menu"
      />
    </Dropdown>
  );
}

function Me() {
  const { t } = useTranslation();
  const { session } = useSession();
  const navigate = useNavigate();
  const signOut = async () => {
    await api("DELETE /session").catch(() => undefined);
    setCaller({ csrf: "", shop: "" });
    await navigate({ to: "/sign-in" });
    queryClient.clear();
  };
  const items: MenuProps["items"] = [
    { key: "who", type: "group", label: session.user.email },
    { key: "profile", label: t("bar.profile") },
    { key: "second-factor", label: t("bar.second_factor") },
    { key: "sessions", label: t("bar.sessions") },
    { type: "divider" },
    { key: "out", label: t("bar.sign_out") },
  ];
  const pick: MenuProps["onClick"] = ({ key }) => {
    if (key === "out") return void signOut();
    void navigate({ to: "/settings", search: { tab: "me" }, hash: key });
  };
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: pick }} placement="bottomRight">
      <Button
        type="text"
        icon={<UserOutlined aria-hidden />}
        aria-haspopup="menu"
        aria-label={t("bar.me", { name: session.user.name })}
      />
    </Dropdown>
  );
}
