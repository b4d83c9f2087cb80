import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { RfmReport } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Guard } from "../../part/confirm";
import { Go } from "../../part/go";
import { Page, Section } from "../../part/page";
import { Asked, BlockSkeleton, Empty } from "../../part/state";
import { useUrl } from "../../url";
import { Matrix } from "./matrix";
import { Movement } from "./movement";
import "./rfm.css";
import { Strata } from "./strata";
import { Thresholds } from "./thresholds";

export function Rfm() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const report = useApi("GET /rfm");
  const editing = search.edit === "1";
  return (
    <Page
      title={t("nav.rfm")}
      lead={t("rfm.lead")}
      actions={
        <Guard may="rfm.edit">
          <Button onClick={() => change({ edit: "1" })} disabled={!report.data}>
            {t("rfm.thresholds")}
          </Button>
        </Guard>
      }
    >
      <Asked query={report} what={t("nav.rfm")} skeleton={<BlockSkeleton height={480} />}>
        {(data) => (data.customers === 0 ? <NoBuyers /> : <Report report={data} />)}
      </Asked>
      {report.data && (
        <Thresholds
          open={editing}
          report={report.data}
          close={() => change({ edit: undefined }, { replace: true })}
        />
      )}
    </Page>
  );
}

function NoBuyers() {
  const { t } = useTranslation();
  return (
    <Empty
      title={t("rfm.empty")}
      why={t("rfm.empty_why")}
      action={
        <Guard may="imports.write">
          <Go to="/imports/new" first>
            {t("overview.empty_import")}
          </Go>
        </Guard>
      }
    />
  );
}

function Report({ report }: { report: RfmReport }) {
  const { t } = useTranslation();
  return (
    <>
      <Finding report={report} />
      <Section title={t("rfm.matrix")} note={t("rfm.matrix_how")}>
        <Matrix report={report} />
      </Section>
      <Section title={t("rfm.strata")} note={t("rfm.strata_how", { day: report.as_of })}>
        <Strata report={report} />
      </Section>
      <Section title={t("rfm.movement")} note={t("rfm.movement_how")}>
        <Movement />
      </Section>
    </>
  );
}

/** What stands out, in a sentence or two. */
function Finding({ report }: { report: RfmReport }) {
  const { t } = useTranslation();
  const tenth = report.top.find((one) => one.share === 0.1);
  const { foretold } = report;
  const best = foretold && { r: foretold.r, f: foretold.f, m: foretold.m }[foretold.best];
  return (
    <div className="stack">
      {tenth && (
        <p className="rfm-finding">
          {t("rfm.top", { count: report.customers, share: share(tenth.revenue_share) })}
        </p>
      )}
      {foretold && best !== undefined && best !== null && (
        <p className="soft">
          {t("rfm.foretold", {
            measure: t(`rfm.measure_${foretold.best}`),
            people: count(foretold.customers),
            back: count(foretold.came_back),
            hits: Math.round(best * 100),
          })}
        </p>
      )}
    </div>
  );
}
