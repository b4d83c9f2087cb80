import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import type { Mover, Segment, SegmentDay, SegmentMoves, SegmentWhole } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { useActorName } from "../../part/actor";
import { Chart } from "../../part/chart";
import { ConfirmAct, Guard } from "../../part/confirm";
import { useExport } from "../../part/export";
import { Facts, Page, Section } from "../../part/page";
import { PeopleDrawer } from "../../part/people";
import { say } from "../../part/say";
import { Asked, BlockSkeleton, Empty, RowsSkeleton, useErrorText } from "../../part/state";
import { useMoney, When } from "../../part/value";
import type { Tokens } from "../../theme";
import { CustomerLink } from "../customer/columns";
import { Beside } from "./beside";
import { Cells } from "./cells";
import { Size, StateTag } from "./list";
import "./segment.css";
import { sentence } from "./sentence";
import { ruleAt } from "./why";
import { Ask } from "./ask";
import { useNames } from "./rosters";
import { Versions } from "./versions";

const REFRESH_MS = 3_000;
/** Customers that a row names. */
const NAMED = 3;

/** One segment. */
export function SegmentPage() {
  const { t } = useTranslation();
  const { segmentId } = useParams({ strict: false });
  const path = { segment_id: segmentId ?? "" };
  const one = useApi("GET /segments/{segment_id}", { path }, { refetchInterval: REFRESH_MS });
  const all = useApi("GET /segments");
  return (
    <Asked query={one} what={t("segment.one")} skeleton={<BlockSkeleton height={480} />}>
      {(segment) => (
        <Page
          title={segment.name}
          lead={segment.note || undefined}
          actions={<Acts segment={segment} />}
        >
          <Whole segment={segment} all={all.data ?? []} />
        </Page>
      )}
    </Asked>
  );
}

function Whole({ segment, all }: { segment: SegmentWhole; all: Segment[] }) {
  const { t } = useTranslation();
  const money = useMoney();
  const actorName = useActorName();
  const expr = segment.expr as RuleGroupType | null;
  const named = useNames();
  const speaker = { t, money: money.full, segments: all, named };
  const said = expr && sentence(expr, speaker);
  return (
    <>
      <div className="segment-sentence">{said ?? t("segment.of_list")}</div>
      <Facts
        items={[
          [t("segment.state"), <StateTag key="state" one={segment} />],
          [
            t("segment.size"),
            segment.size === null || segment.private ? (
              <Size key="size" one={segment} />
            ) : (
              <Link to="/customers" search={{ segment: segment.segment_id }}>
                {t("segment.people", { count: segment.size })}
              </Link>
            ),
          ],
          [t("segment.counted_at"), <When key="at" at={segment.counted_at} as="both" />],
          [t("segment.version"), String(segment.version)],
          [t("segment.owner"), actorName(segment.owner)],
        ]}
      />
      {segment.private && (
        <Section title={t("segment.private")} note={t("segment.private_why")}>
          {null}
        </Section>
      )}
      {segment.fresh && <Cells id={segment.segment_id} hidden={segment.private} />}
      {!segment.private && (
        <>
          {expr && <Ask expr={expr} segments={all} />}
          <Growth id={segment.segment_id} />
          <Moves id={segment.segment_id} expr={expr} all={all} />
          <Beside segment={segment} all={all} />
        </>
      )}
      {segment.version > 1 && <Versions id={segment.segment_id} speaker={speaker} />}
    </>
  );
}

function Acts({ segment }: { segment: SegmentWhole }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [leaving, setLeaving] = useState<"archived" | "remove" | null>(null);
  const path = { segment_id: segment.segment_id };
  const stale = ["GET /segments", "GET /segments/{segment_id}"] as never[];
  const onError = (error: Error) => say.error(errorText(error));
  const state = useAct("POST /segments/{segment_id}/state", stale, { onError });
  const remove = useAct("DELETE /segments/{segment_id}", ["GET /segments"]);
  const keep = useAct("POST /segments/{segment_id}/snapshot", ["GET /segments"], {
    onError,
    onSuccess: (made) => {
      say.success(t("segment.kept"));
      void navigate({ to: "/segments/$segmentId", params: { segmentId: made.segment_id } });
    },
  });
  const run = useExport("customers");
  const day = new Date().toISOString().slice(0, 10);
  const can = segment.state !== "active";
  return (
    <>
      {segment.size !== null && !segment.private && (
        <Guard may="exports.run">
          <Button onClick={() => void run({ segment: segment.segment_id })}>
            {t("customer.export")}
          </Button>
        </Guard>
      )}
      <Guard may="segments.write">
        {segment.fresh && segment.kind === "dynamic" && (
          <Button
            onClick={() =>
              keep.mutate({ path, body: { name: `${segment.name} ${day}`.slice(-60), note: "" } })
            }
          >
            {t("segment.snapshot")}
          </Button>
        )}
        {segment.kind !== "list" && (
          <Link
            to="/segments/$segmentId/edit"
            params={{ segmentId: segment.segment_id }}
            className="go-button"
          >
            {t("act.edit")}
          </Link>
        )}
        {segment.state === "active" ? (
          <Button onClick={() => setLeaving("archived")}>{t("segment.archive")}</Button>
        ) : (
          <Button type="primary" onClick={() => state.mutate({ path, body: { state: "active" } })}>
            {t("segment.activate")}
          </Button>
        )}
        {can && (
          <Button danger onClick={() => setLeaving("remove")}>
            {t("act.delete")}
          </Button>
        )}
      </Guard>
      <ConfirmAct
        open={leaving === "archived"}
        title={t("segment.archive")}
        what={t("segment.archive_what")}
        verb={t("segment.archive")}
        act={() => state.mutateAsync({ path, body: { state: "archived" } })}
        onClose={() => setLeaving(null)}
      />
      <ConfirmAct
        open={leaving === "remove"}
        title={t("segment.remove")}
        what={t("segment.remove_what", { name: segment.name })}
        verb={t("segment.remove")}
        danger
        act={async () => {
          await remove.mutateAsync({ path });
          void navigate({ to: "/segments" });
        }}
        onClose={() => setLeaving(null)}
      />
    </>
  );
}

function Growth({ id }: { id: string }) {
  const { t } = useTranslation();
  const days = useApi("GET /segments/{segment_id}/growth", { path: { segment_id: id } });
  return (
    <Section title={t("segment.growth")}>
      <Asked query={days} what={t("segment.growth")} skeleton={<BlockSkeleton height={220} />}>
        {(data) =>
          data.length === 0 ? <p className="soft">{t("segment.no_days")}</p> : <Line days={data} />
        }
      </Asked>
    </Section>
  );
}

function Line({ days }: { days: SegmentDay[] }) {
  const { t } = useTranslation();
  const first = days[0]?.size ?? 0;
  const last = days.at(-1)?.size ?? 0;
  const option = useCallback(
    (tokens: Tokens) => ({
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: days.map((one) => one.day), boundaryGap: false },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        {
          type: "line",
          name: t("segment.size"),
          data: days.map((one) => one.size),
          showSymbol: days.length === 1,
          lineStyle: { color: tokens.accent },
          itemStyle: { color: tokens.accent },
        },
      ],
    }),
    [days, t],
  );
  return (
    <Chart
      name="segment-growth"
      height={220}
      title={t("segment.grew", { from: count(first), to: count(last), days: days.length })}
      option={option}
      table={{
        columns: [t("segment.day"), t("segment.entered"), t("segment.left"), t("segment.size")],
        rows: days.map((one) => [one.day, one.entered, one.left, one.size]),
      }}
    />
  );
}

interface MovesProps {
  id: string;
  expr: RuleGroupType | null;
  all: Segment[];
}

/** Who entered on a day, or who left. */
interface Who {
  day: string;
  entered: boolean;
}

function Movers({ id, who, close }: { id: string; who: Who; close: () => void }) {
  const { t } = useTranslation();
  const { day, entered } = who;
  return (
    <PeopleDrawer
      title={t(entered ? "segment.entered_on" : "segment.left_on", { day })}
      what={t("segment.moves")}
      operation="GET /segments/{segment_id}/movers"
      input={{
        path: { segment_id: id },
        query: { day, way: entered ? "entered" : "left" },
      }}
      rowKey={(one: Mover) => one.customer.customer_id}
      row={(one: Mover) => (
        <div className="row apart">
          <CustomerLink one={one.customer} />
          <span className="soft small">
            {one.moves.map((move, at) => (
              <span key={at} style={{ display: "block" }}>
                {t(`segment.cause.${move.cause}`)} · <When at={move.moved_at} as="minute" />
              </span>
            ))}
          </span>
        </div>
      )}
      close={close}
    />
  );
}

function Moves({ id, expr, all }: MovesProps) {
  const { t } = useTranslation();
  const [who, setWho] = useState<Who | null>(null);
  const moves = useApi("GET /segments/{segment_id}/moves", {
    path: { segment_id: id },
    query: { limit: 50 },
  });
  return (
    <Section title={t("segment.moves")} note={t("segment.moves_how")}>
      <Asked query={moves} what={t("segment.moves")} skeleton={<RowsSkeleton rows={4} />}>
        {(page) =>
          page.data.length === 0 ? (
            <Empty title={t("segment.no_moves")} why={t("segment.no_moves_why")} />
          ) : (
            <MoveTable {...{ rows: page.data, expr, all, setWho }} />
          )
        }
      </Asked>
      {who && <Movers id={id} who={who} close={() => setWho(null)} />}
    </Section>
  );
}

type TableProps = Omit<MovesProps, "id"> & {
  rows: SegmentMoves[];
  setWho: (who: Who) => void;
};

function MoveTable({ rows, expr, all, setWho }: TableProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const named = useNames();
  const speaker = { t, money: money.full, segments: all, named };
  const condition = (at: string) => {
    const rule = expr && ruleAt(expr, at);
    return rule ? sentence({ combinator: "and", rules: [rule] } as RuleGroupType, speaker) : at;
  };
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("segment.when")}</th>
            <th scope="col" className="right">
              {t("segment.moved")}
            </th>
            <th scope="col">{t("segment.because")}</th>
            <th scope="col">{t("segment.some")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row, at) =>
            row.groups.map((group, of) => (
              <tr key={`${at}.${of}`}>
                <td>
                  <When at={row.moved_at} as="minute" />
                </td>
                <td className="right nowrap">
                  {group.entered ? "+" : "−"}
                  {count(group.customers)}
                </td>
                <td>
                  {t(`segment.cause.${group.cause}`)}
                  {group.conditions.map((place) => (
                    <p key={place} className="soft small">
                      {condition(place)}
                    </p>
                  ))}
                </td>
                <td>
                  {group.some.slice(0, NAMED).map((customer) => (
                    <Link
                      key={customer}
                      to="/customers/$customerId"
                      params={{ customerId: customer }}
                      style={{ marginRight: 8 }}
                    >
                      #{customer}
                    </Link>
                  ))}
                  {group.customers > NAMED && (
                    <Button
                      type="link"
                      size="small"
                      onClick={() => setWho({ day: row.day, entered: group.entered })}
                    >
                      {t("segment.all_of_day")}
                    </Button>
                  )}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
