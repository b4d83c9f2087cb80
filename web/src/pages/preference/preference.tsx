import { useTranslation } from "react-i18next";
import type { PreferenceReport } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { Page, Section } from "../../part/page";
import { Asked, BlockSkeleton, Empty } from "../../part/state";
import { GuidanceLines } from "./guidance";
import { Evidence, Marked } from "./marked";

/** What customers like by province, and what is to be said to them. */
export function PreferencePage() {
  const { t } = useTranslation();
  const report = useApi("GET /preferences");
  return (
    <Page title={t("nav.preferences")} lead={t("preference.lead")}>
      <Asked query={report} what={t("nav.preferences")} skeleton={<BlockSkeleton height={480} />}>
        {(data) => (
          <>
            <Regions report={data} />
            <GuidanceLines lines={data.lines} provinces={data.regions.map((one) => one.province)} />
          </>
        )}
      </Asked>
    </Page>
  );
}

function Regions({ report }: { report: PreferenceReport }) {
  const { t } = useTranslation();
  if (report.regions.length === 0) {
    return <Empty title={t("preference.empty")} why={t("preference.empty_why")} />;
  }
  return (
    <Section title={t("preference.regions")} note={t("preference.regions_how")}>
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t("customer.province")}</th>
              <th scope="col" className="right">
                {t("preference.buyers")}
              </th>
              <th scope="col">{t("preference.likes")}</th>
            </tr>
          </thead>
          <tbody>
            {report.regions.map((region) => (
              <tr key={region.province}>
                <th scope="row">{region.province}</th>
                <td className="right">{count(region.buyers)}</td>
                <td>
                  {region.likes.length === 0 && (
                    <span className="soft">{t("preference.as_elsewhere")}</span>
                  )}
                  {region.likes.map((one) => (
                    <p key={one.category}>
                      <Marked of={one} /> <Evidence of={one} />
                    </p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
