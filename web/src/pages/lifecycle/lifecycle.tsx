import { Link } from "@tanstack/react-router";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lifecycle } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Page, Section } from "../../part/page";
import { Asked, BlockSkeleton, Empty } from "../../part/state";
import { Money } from "../../part/value";
import { Limits } from "./limits";
import { Stages } from "./stages";

/** The lifecycle of the shop's customers. */
export function LifecyclePage() {
  const { t } = useTranslation();
  const report = useApi("GET /lifecycle");
  return (
    <Page title={t("nav.lifecycle")} lead={t("lifecycle.lead")}>
      <Asked query={report} what={t("nav.lifecycle")} skeleton={<BlockSkeleton height={480} />}>
        {(data) =>
          data.stages.every((one) => one.customers === 0) ? (
            <Empty title={t("rfm.empty")} why={t("rfm.empty_why")} />
          ) : (
            <>
              <StageTable report={data} />
              <Movement report={data} />
              <Limits report={data} />
            </>
          )
        }
      </Asked>
    </Page>
  );
}

function StageTable({ report }: { report: Lifecycle }) {
  const { t } = useTranslation();
  const all = report.stages.reduce((sum, one) => sum + one.customers, 0);
  const before = report.months.at(-2)?.customers;
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("lifecycle.name")}</th>
            <th scope="col" className="right">
              {t("rfm.people")}
            </th>
            <th scope="col" className="right">
              {t("lifecycle.share")}
            </th>
            <th scope="col" className="right">
              {t("lifecycle.since")}
            </th>
            <th scope="col" className="right">
              {t("segment.field.net_minor")}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.stages.map((one, at) => {
            const change = before ? one.customers - (before[at] ?? 0) : null;
            return (
              <tr key={one.stage}>
                <th scope="row">
                  {t(`lifecycle.stage.${one.stage}`)}
                  <p className="soft small">
                    {t(`lifecycle.what.${one.stage}`, { ...report.setting })}
                  </p>
                  {one.stage === "visitor" && report.anonymous > 0 && (
                    <p className="soft small">
                      {t("lifecycle.anonymous", {
                        count: report.anonymous,
                        days: report.setting.lost_days,
                      })}
                    </p>
                  )}
                </th>
                <td className="right">
                  <People stage={one.stage} customers={one.customers} />
                </td>
                <td className="right">{share(all ? one.customers / all : 0)}</td>
                <td className="right">
                  {change === null ? "–" : change > 0 ? `+${count(change)}` : count(change)}
                </td>
                <td className="right">
                  <Money minor={one.net_minor} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How many are at a stage, and the way to them. */
function People({ stage, customers }: { stage: string; customers: number }) {
  const { t } = useTranslation();
  if (customers === 0) return count(customers);
  const what = t("lifecycle.open", { stage: t(`lifecycle.stage.${stage}`), count: customers });
  return (
    <Link to="/customers" search={{ lifecycle: stage }} title={what} aria-label={what}>
      {count(customers)}
    </Link>
  );
}

/** Who moved in a month: from the stage of a row to that of a column. */
function Movement({ report }: { report: Lifecycle }) {
  const { t } = useTranslation();
  const months = report.months.filter((one) => one.moved.length > 0);
  const [day, setDay] = useState<string | null>(null);
  const month = months.find((one) => one.day === day) ?? months.at(-1);
  if (!month) return null;
  const of = (from: string | null, to: string) =>
    month.moved.find((one) => one.from === from && one.to === to)?.customers ?? 0;
  const rows = [...Stages, null].filter((from) => Stages.some((to) => of(from, to) > 0));
  return (
    <Section
      title={t("lifecycle.movement")}
      note={t("lifecycle.movement_how")}
      aside={
        <Select
          size="small"
          aria-label={t("lifecycle.month")}
          value={month.day}
          options={months.map((one) => ({ value: one.day, label: one.day.slice(0, 7) }))}
          onChange={setDay}
        />
      }
    >
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t("lifecycle.from")}</th>
              {Stages.map((to) => (
                <th key={to} scope="col" className="right">
                  {t(`lifecycle.stage.${to}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((from) => (
              <tr key={from ?? "none"}>
                <th scope="row">{from ? t(`lifecycle.stage.${from}`) : t("lifecycle.unknown")}</th>
                {Stages.map((to) => (
                  <td key={to} className={from === to ? "right soft" : "right"}>
                    {of(from, to) ? count(of(from, to)) : ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
