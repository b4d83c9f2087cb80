import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { AuditEntry } from "../../api/shape";
import { shiftDay } from "../../format";
import type { Filter } from "../../part/filter";
import { useActorName, useActors } from "../../part/actor";
import { FilterBar, keysOf } from "../../part/filter";
import { Empty, ErrorBox, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";
import { filtersOf, useUrl } from "../../url";

const ROWS = 50;

/** Names that an act has here; another one is shown as it is. */
const ACTIONS = [
  "customer.reveal",
  "customer.merge",
  "customer.unmerge",
  "customer.erase",
  "note.add",
  "note.remove",
  "import.begin",
  "import.resume",
  "import.cancel",
  "import.undo",
  "rfm.set",
  "privacy.set",
  "tag.make",
  "tag.edit",
  "tag.remove",
  "tag.apply",
  "tag.undo",
  "tier.make",
  "tier.edit",
  "tier.remove",
  "tier.grant",
  "tier.end",
  "ledger.policy",
  "tier.plan",
  "earn.make",
  "earn.edit",
  "earn.remove",
  "adjustment.make",
  "adjustment.ask",
  "adjustment.approve",
  "adjustment.refuse",
  "coupon.make",
  "coupon.edit",
  "coupon.end",
  "coupon.approve",
  "coupon.refuse",
  "coupon.policy",
  "coupon.issue",
  "coupon.cancel",
  "coupon.withdraw",
  "promotion.make",
  "promotion.edit",
  "promotion.end",
  "promotion.remove",
  "promotion.stack",
  "reward.make",
  "reward.edit",
  "reward.remove",
  "activity.make",
  "activity.edit",
  "activity.remove",
  "segment.make",
  "segment.edit",
  "segment.set_state",
  "segment.snapshot",
  "segment.remove",
  "lifecycle.set",
  "guidance.set",
  "positioning.set",
  "consent.set",
  "pace.set",
  "source.create",
  "source.remove",
  "key.create",
  "key.rotate",
  "key.remove",
  "staff.invite",
  "staff.uninvite",
  "staff.join",
  "staff.role",
  "staff.leave",
  "staff.reset",
  "role.put",
  "role.remove",
  "shop.create",
  "shop.edit",
  "session.begin",
  "session.end",
  "session.end_others",
  "user.begin",
  "user.password",
  "user.reset",
  "user.reset_link",
  "user.second_factor_on",
  "user.second_factor_off",
];

export function AuditTab() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const actors = useActors();
  const filters: Filter[] = [
    {
      key: "actor",
      kind: "choice",
      name: t("audit.actor"),
      main: true,
      options: actors.map(([value, label]) => ({ value, label })),
    },
    {
      key: "action",
      kind: "choice",
      name: t("audit.action"),
      main: true,
      options: ACTIONS.map((value) => ({ value, label: actionText(t, value) })),
    },
    { key: "at", kind: "date", name: t("audit.at"), main: true },
  ];
  const asked = filtersOf(search, filters.flatMap(keysOf));
  const start = (date: string | undefined) => date && `${date}T00:00:00Z`;
  const end = asked.at_to && start(shiftDay(asked.at_to, 1));
  const query = {
    actor: asked.actor,
    action: asked.action,
    from: start(asked.at_from),
    to: end,
  };
  const audit = useInfiniteQuery({
    queryKey: ["GET /audit", query],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api("GET /audit", { query: { ...query, after: pageParam, limit: ROWS }, signal }),
    getNextPageParam: (page) => page.next,
  });
  const entries = audit.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <p className="soft prose" style={{ marginBottom: 16 }}>
        {t("audit.lead")}
      </p>
      <FilterBar filters={filters} search={search} change={change} />
      {audit.error && <ErrorBox error={audit.error} again={() => void audit.refetch()} />}
      {audit.isPending && <RowsSkeleton rows={8} />}
      {audit.isSuccess && entries.length === 0 && <Empty title={t("audit.none")} />}
      {entries.length > 0 && <AuditTable entries={entries} />}
      {audit.hasNextPage && (
        <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          {t("timeline.more")}
        </Button>
      )}
    </>
  );
}

function actionText(t: (key: string) => string, action: string): string {
  return ACTIONS.includes(action) ? t(`audit.act.${action.replace(".", "_")}`) : action;
}

function AuditTable({ entries }: { entries: AuditEntry[] }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            {["at", "actor", "action", "target", "change", "address"].map((key) => (
              <th key={key} scope="col">
                {t(`audit.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((one) => (
            <tr key={one.audit_id}>
              <td className="nowrap">
                <When at={one.at} as="minute" />
              </td>
              <td className="nowrap">{actorName(one.actor)}</td>
              <td className="nowrap">{actionText(t, one.action)}</td>
              <td>{one.target || "–"}</td>
              <td>
                <Change before={one.before} after={one.after} />
              </td>
              <td className="nowrap soft" title={one.request ?? ""}>
                {one.address || "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Change({ before, after }: { before: string | null; after: string | null }) {
  const { t } = useTranslation();
  if (before == null && after == null) return <>–</>;
  return (
    <pre className="audit-change small">
      {before != null && `${t("audit.before")} ${before}\n`}
      {after != null && `${t("audit.after")} ${after}`}
    </pre>
  );
}
