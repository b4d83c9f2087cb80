import { Link } from "@tanstack/react-router";
import { Button, Segmented, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Segment } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { Guard } from "../../part/confirm";
import { Sparkline } from "../../part/figure";
import { Go } from "../../part/go";
import { Page } from "../../part/page";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";
import { useUrl } from "../../url";
import { ListFile } from "./list-file";
import { ReadyOnes } from "./ready";
import "./segment.css";

const REFRESH_MS = 5_000;

/** The segments of the shop. */
export function Segments() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const segments = useApi("GET /segments", {}, { refetchInterval: REFRESH_MS });
  const state = search.state ?? "all";
  const create = (
    <Guard may="segments.write">
      <Guard may="imports.write">
        <Button onClick={() => change({ list: "1" })}>{t("segment.list.title")}</Button>
      </Guard>
      <Go to="/segments/new" first>
        {t("segment.new")}
      </Go>
    </Guard>
  );
  return (
    <Page title={t("nav.segments")} lead={t("segment.lead")} actions={create}>
      <Asked query={segments} what={t("nav.segments")} skeleton={<RowsSkeleton rows={6} />}>
        {(all) =>
          all.length === 0 ? (
            <>
              <Empty title={t("segment.empty")} why={t("segment.empty_why")} action={create} />
              <ReadyOnes all={all} />
            </>
          ) : (
            <>
              <Segmented
                value={state}
                aria-label={t("segment.state")}
                options={["all", "active", "draft", "archived"].map((value) => ({
                  value,
                  label: t(`segment.states.${value}`),
                }))}
                onChange={(value) =>
                  change({ state: value === "all" ? undefined : value }, { replace: true })
                }
              />
              <Rows all={all} shown={all.filter((one) => state === "all" || one.state === state)} />
              <ReadyOnes all={all} />
            </>
          )
        }
      </Asked>
      <ListFile
        open={search.list === "1"}
        close={() => change({ list: undefined }, { replace: true })}
      />
    </Page>
  );
}

function Rows({ all, shown }: { all: Segment[]; shown: Segment[] }) {
  const { t } = useTranslation();
  const name = (id: string) => all.find((one) => one.segment_id === id)?.name ?? id;
  return (
    <div className="scroll-x" style={{ marginTop: 16 }}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("segment.name")}</th>
            <th scope="col">{t("segment.state")}</th>
            <th scope="col" className="right">
              {t("segment.size")}
            </th>
            <th scope="col">{t("segment.trend")}</th>
            <th scope="col">{t("segment.used_by")}</th>
            <th scope="col">{t("segment.counted_at")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.segment_id}>
              <td>
                <Link
                  to="/segments/$segmentId"
                  params={{ segmentId: one.segment_id }}
                  className="strong"
                >
                  {one.name}
                </Link>
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td>
                <StateTag one={one} />
              </td>
              <td className="right">
                {one.size === null || one.private ? (
                  <Size one={one} />
                ) : (
                  <Link to="/customers" search={{ segment: one.segment_id }}>
                    {count(one.size)}
                  </Link>
                )}
              </td>
              <td>{one.trend.length > 1 && <Sparkline values={one.trend} />}</td>
              <td className="soft">{one.used_by.map(name).join(t("segment.say.comma")) || "–"}</td>
              <td>
                <When at={one.counted_at} as="ago" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many are in a segment, where one cannot see who. */
export function Size({ one }: { one: Segment }) {
  const { t } = useTranslation();
  if (one.size !== null) return <span>{count(one.size)}</span>;
  if (one.private && one.fresh) {
    return <span className="soft">{t("segment.not_told")}</span>;
  }
  return (
    <span className="soft">
      {one.state === "active" ? t("segment.counting") : t("segment.not_counted")}
    </span>
  );
}

export function StateTag({ one }: { one: Segment }) {
  const { t } = useTranslation();
  const color = one.state === "active" ? "success" : one.state === "draft" ? "default" : "warning";
  return (
    <span className="row">
      <Tag color={color}>{t(`segment.states.${one.state}`)}</Tag>
      {one.private && <Tag color="processing">{t("segment.private")}</Tag>}
      {one.kind !== "dynamic" && <Tag>{t(`segment.kind.${one.kind}`)}</Tag>}
    </span>
  );
}
