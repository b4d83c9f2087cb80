import { Navigate } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Kpi, ShopState } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useDemo } from "../../part/demo";
import { FigureRowSkeleton } from "../../part/figure";
import { Go } from "../../part/go";
import { Page, Section } from "../../part/page";
import { Asked, BlockSkeleton, Empty, RowsSkeleton } from "../../part/state";
import type { PeriodName } from "../../period";
import { PERIODS, periodOf } from "../../period";
import { useCan, useSession, useShop } from "../../session";
import { GROUPS } from "../../shell/menu";
import { useUrl } from "../../url";
import { Figures, MoreFigures } from "./figures";
import { Health } from "./health";
import { Summary } from "./summary";
import { TodoList } from "./todo";
import { Trend } from "./trend";
import "./overview.css";

/** How often what is in the shop is asked for. */
const STATE_MS = 10_000;
/** How often it is looked whether something has come into a shop that is empty. */
const BARE_MS = 2_000;

const Range = lazy(() => import("../../part/range").then((m) => ({ default: m.Range })));

const isBare = (state?: ShopState) => state?.orders === 0 && state.events === 0;

/** Who may not see the figures begins with what they may see. */
export function Overview() {
  const can = useCan();
  if (can("kpi.read")) return <Figured />;
  const pages = GROUPS.flatMap((group) => group.pages);
  const first = pages.find((page) => page.may !== null && can(page.may));
  return <Navigate to={first?.to ?? "/settings"} replace />;
}

function Figured() {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const [search, change] = useUrl();
  const period = periodOf(search, zone);
  const state = useApi(
    "GET /state",
    {},
    { refetchInterval: ({ state: { data } }) => (isBare(data) ? BARE_MS : STATE_MS) },
  );
  const bare = isBare(state.data);

  const choose = (name: PeriodName) => {
    if (name === "custom") change({ period: undefined, from: period.from, to: period.to });
    else change({ period: name, from: undefined, to: undefined });
  };
  const picker = (
    <div className="row">
      {period.name === "custom" && (
        <Suspense fallback={null}>
          <Range
            from={period.from}
            to={period.to}
            label={t("overview.period")}
            set={(from, to) => change({ from, to })}
          />
        </Suspense>
      )}
      <Segmented<PeriodName>
        value={period.name}
        onChange={choose}
        aria-label={t("overview.period")}
        options={PERIODS.map((value) => ({ value, label: t(`overview.period_${value}`) }))}
      />
    </div>
  );
  if (bare) {
    return (
      <Page title={t("nav.overview")}>
        <NothingYet />
      </Page>
    );
  }
  return (
    <Page title={t("nav.overview")} actions={picker}>
      <Numbers from={period.from} to={period.to} />
      <Section title={t("overview.todo")}>
        <TodoList />
      </Section>
      <Section title={t("overview.health")}>
        <Asked query={state} what={t("overview.health")} skeleton={<RowsSkeleton rows={3} />}>
          {(data) => <Health state={data} />}
        </Asked>
      </Section>
    </Page>
  );
}

function Numbers({ from, to }: { from: string; to: string }) {
  const { t } = useTranslation();
  const kpi = useApi("GET /kpi", { query: { from, to } }, { keep: true });
  const skeleton = (
    <>
      <RowsSkeleton rows={1} />
      <FigureRowSkeleton figures={5} />
      <div className="section">
        <BlockSkeleton height={320} />
      </div>
    </>
  );
  return (
    <Asked query={kpi} what={t("overview.figures")} skeleton={skeleton}>
      {(data: Kpi) => (
        <>
          <Summary kpi={data} />
          <Figures kpi={data} />
          <MoreFigures kpi={data} />
          <div className="section">
            <Trend kpi={data} />
          </div>
        </>
      )}
    </Asked>
  );
}

function NothingYet() {
  const { t } = useTranslation();
  const can = useCan();
  const { setShop } = useSession();
  const demo = useDemo();
  const jobs = useApi("GET /jobs", {}, { refetchInterval: BARE_MS });
  const making = jobs.data?.some(
    (job) => job.kind === "demo" && ["waiting", "running"].includes(job.state),
  );
  if (making) return <Empty title={t("demo.making")} why={t("demo.making_why")} />;
  const action = (
    <div className="row">
      {can("imports.write") && (
        <Go to="/imports/new" first>
          {t("overview.empty_import")}
        </Go>
      )}
      {can("sources.write") && (
        <Go to="/sources?new=1" button>
          {t("overview.empty_source")}
        </Go>
      )}
      {can("shop.edit") && (
        <Button type="link" onClick={() => void demo(setShop)}>
          {t("start.way_demo")}
        </Button>
      )}
    </div>
  );
  return <Empty title={t("overview.empty")} why={t("overview.empty_why")} action={action} />;
}
