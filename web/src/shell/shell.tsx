import { MenuFoldOutlined, MenuUnfoldOutlined } from "@ant-design/icons";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { recall, remember } from "../memory";
import { RowsSkeleton } from "../part/state";
import { SessionGate, useSession } from "../session";
import { Bar } from "./bar";
import { Menu } from "./menu";
import "./shell.css";

/** Below this width the menu begins folded. */
const NARROW = 1200;

/** Everything around a page of somebody who is signed in. */
export function Shell() {
  return (
    <SessionGate
      waiting={
        <Frame folded={false}>
          <PageSkeleton />
        </Frame>
      }
    >
      <Inside />
    </SessionGate>
  );
}

function Inside() {
  const { t } = useTranslation();
  const { shop } = useSession();
  const [folded, setFolded] = useState(
    () => (recall("folded") ?? String(window.innerWidth < NARROW)) === "true",
  );
  const main = useRef<HTMLElement>(null);
  useFocusOnPage(main);
  useShopNeeded(shop !== null);
  const fold = () => {
    remember("folded", String(!folded));
    setFolded(!folded);
  };
  if (!shop) return null;
  const side = (
    <>
      <Menu folded={folded} />
      <Button
        type="text"
        className="menu-fold"
        onClick={fold}
        aria-expanded={!folded}
        icon={folded ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
        aria-label={folded ? t("nav.unfold") : t("nav.fold")}
      />
    </>
  );
  return (
    <>
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <Frame folded={folded} side={side} bar={<Bar />}>
        <main id="main" ref={main} tabIndex={-1} className="main" key={shop.shop_id}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </Frame>
    </>
  );
}

function useShopNeeded(there: boolean) {
  const navigate = useNavigate();
  useEffect(() => {
    if (!there) void navigate({ to: "/start" });
  }, [there, navigate]);
}

/** A new page is read from its beginning, also by those who do not see it. */
function useFocusOnPage(main: React.RefObject<HTMLElement | null>) {
  const path = useLocation({ select: (location) => location.pathname });
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

interface FrameProps {
  folded: boolean;
  side?: React.ReactNode;
  bar?: React.ReactNode;
  children: React.ReactNode;
}

function Frame({ folded, side, bar, children }: FrameProps) {
  const { t } = useTranslation();
  return (
    <div className={folded ? "shell folded" : "shell"}>
      <header className="bar">
        <span className="brand">
          <img src="/mark.svg" width="24" height="24" alt="" />
          <span className={folded ? "unseen" : ""}>{t("app.name")}</span>
        </span>
        {bar}
      </header>
      <div className="side">{side}</div>
      {children}
    </div>
  );
}

function PageSkeleton() {
  return (
    <div className="page">
      <RowsSkeleton rows={10} />
    </div>
  );
}
