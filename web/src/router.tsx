import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import { withTexts } from "./i18n";
import { Broken, NotFound } from "./part/state";
import { parseSearch, stringifySearch } from "./search";
import type { Search } from "./url";

/** Nothing stands around a page that is not there. */
function Nowhere() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

const root = createRootRoute({
  component: Outlet,
  validateSearch: (search: Record<string, unknown>): Search => search as Search,
  notFoundComponent: Nowhere,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./pages/session/sign-in"), "SignIn"),
});
const start = createRoute({
  getParentRoute: () => root,
  path: "/start",
  component: lazyRouteComponent(() => import("./pages/session/start"), "StartPage"),
});
const link = createRoute({
  getParentRoute: () => root,
  path: "/links/$token",
  component: lazyRouteComponent(() => import("./pages/session/link"), "LinkPage"),
});
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: lazyRouteComponent(() => import("./shell/shell"), "Shell"),
  notFoundComponent: NotFound,
});
const overview = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview/overview"), "Overview"),
});
const customers = createRoute({
  getParentRoute: () => inside,
  path: "/customers",
  component: lazyRouteComponent(() => withTexts(import("./pages/customer/list")), "Customers"),
});
const customer = createRoute({
  getParentRoute: () => inside,
  path: "/customers/$customerId",
  component: lazyRouteComponent(() => withTexts(import("./pages/customer/profile")), "ProfilePage"),
});
const orders = createRoute({
  getParentRoute: () => inside,
  path: "/orders",
  component: lazyRouteComponent(() => withTexts(import("./pages/order/list")), "Orders"),
});
const order = createRoute({
  getParentRoute: () => inside,
  path: "/orders/$orderId",
  component: lazyRouteComponent(() => withTexts(import("./pages/order/detail")), "OrderPage"),
});
const products = createRoute({
  getParentRoute: () => inside,
  path: "/products",
  component: lazyRouteComponent(() => withTexts(import("./pages/product/list")), "Products"),
});
const product = createRoute({
  getParentRoute: () => inside,
  path: "/products/$productId",
  component: lazyRouteComponent(() => withTexts(import("./pages/product/detail")), "ProductPage"),
});
const imports = createRoute({
  getParentRoute: () => inside,
  path: "/imports",
  component: lazyRouteComponent(() => withTexts(import("./pages/import/list")), "Imports"),
});
const newImport = createRoute({
  getParentRoute: () => inside,
  path: "/imports/new",
  component: lazyRouteComponent(() => withTexts(import("./pages/import/wizard")), "ImportWizard"),
});
const oneImport = createRoute({
  getParentRoute: () => inside,
  path: "/imports/$importId",
  component: lazyRouteComponent(() => withTexts(import("./pages/import/detail")), "ImportPage"),
});
const sources = createRoute({
  getParentRoute: () => inside,
  path: "/sources",
  component: lazyRouteComponent(() => withTexts(import("./pages/source/source")), "Sources"),
});
const rfm = createRoute({
  getParentRoute: () => inside,
  path: "/rfm",
  component: lazyRouteComponent(() => withTexts(import("./pages/rfm/rfm")), "Rfm"),
});
const segments = createRoute({
  getParentRoute: () => inside,
  path: "/segments",
  component: lazyRouteComponent(() => withTexts(import("./pages/segment/list")), "Segments"),
});
const newSegment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/new",
  component: lazyRouteComponent(() => withTexts(import("./pages/segment/edit")), "NewSegment"),
});
const segment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/$segmentId",
  component: lazyRouteComponent(() => withTexts(import("./pages/segment/detail")), "SegmentPage"),
});
const editSegment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/$segmentId/edit",
  component: lazyRouteComponent(() => withTexts(import("./pages/segment/edit")), "EditSegment"),
});
const tags = createRoute({
  getParentRoute: () => inside,
  path: "/tags",
  component: lazyRouteComponent(() => withTexts(import("./pages/tag/list")), "Tags"),
});
const tiers = createRoute({
  getParentRoute: () => inside,
  path: "/tiers",
  component: lazyRouteComponent(() => withTexts(import("./pages/tier/list")), "Tiers"),
});
const activities = createRoute({
  getParentRoute: () => inside,
  path: "/activities",
  component: lazyRouteComponent(() => withTexts(import("./pages/activity/list")), "Activities"),
});
const ledger = createRoute({
  getParentRoute: () => inside,
  path: "/ledger",
  component: lazyRouteComponent(() => withTexts(import("./pages/ledger/page")), "LedgerPage"),
});
const coupons = createRoute({
  getParentRoute: () => inside,
  path: "/coupons",
  component: lazyRouteComponent(() => withTexts(import("./pages/coupon/list")), "Coupons"),
});
const promotions = createRoute({
  getParentRoute: () => inside,
  path: "/promotions",
  component: lazyRouteComponent(() => withTexts(import("./pages/promotion/page")), "Promotions"),
});
const rewards = createRoute({
  getParentRoute: () => inside,
  path: "/rewards",
  component: lazyRouteComponent(() => withTexts(import("./pages/reward/page")), "Rewards"),
});
const earnRules = createRoute({
  getParentRoute: () => inside,
  path: "/earn-rules",
  component: lazyRouteComponent(() => withTexts(import("./pages/earn/list")), "EarnRules"),
});
const lifecycle = createRoute({
  getParentRoute: () => inside,
  path: "/lifecycle",
  component: lazyRouteComponent(
    () => withTexts(import("./pages/lifecycle/lifecycle")),
    "LifecyclePage",
  ),
});
const preferences = createRoute({
  getParentRoute: () => inside,
  path: "/preferences",
  component: lazyRouteComponent(
    () => withTexts(import("./pages/preference/preference")),
    "PreferencePage",
  ),
});
const positioning = createRoute({
  getParentRoute: () => inside,
  path: "/positioning",
  component: lazyRouteComponent(
    () => withTexts(import("./pages/positioning/positioning")),
    "PositioningPage",
  ),
});
const query = createRoute({
  getParentRoute: () => inside,
  path: "/query",
  component: lazyRouteComponent(() => withTexts(import("./pages/query/query")), "QueryPage"),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => withTexts(import("./pages/setting/setting")), "Settings"),
});

const routeTree = root.addChildren([
  signIn,
  start,
  link,
  inside.addChildren([
    overview,
    customers,
    customer,
    orders,
    order,
    products,
    product,
    imports,
    newImport,
    oneImport,
    sources,
    segments,
    newSegment,
    segment,
    editSegment,
    tags,
    tiers,
    ledger,
    earnRules,
    coupons,
    promotions,
    rewards,
    activities,
    lifecycle,
    preferences,
    positioning,
    rfm,
    query,
    settings,
  ]),
]);

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: Nowhere,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
