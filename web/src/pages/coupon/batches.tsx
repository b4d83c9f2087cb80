import { Button, Drawer, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Coupon, CouponBatch } from "../../api/shape";
import { OF_COUPONS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { useActorName } from "../../part/actor";
import { Guard } from "../../part/confirm";
import { PeopleDrawer } from "../../part/people";
import { Asked, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";
import { Code } from "./code";

/** How often it is looked how far something is. */
const AGAIN_MS = 2_000;
/** Batches that are listed. */
const LISTED = 200;

/** What of a coupon was handed out, by whom and why. */
export function Batches({ coupon, close }: { coupon: Coupon; close: () => void }) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<string | null>(null);
  const input = { path: { coupon_id: coupon.coupon_id }, query: { limit: LISTED } };
  const batches = useApi("GET /coupons/{coupon_id}/batches", input, {
    refetchInterval: ({ state }) =>
      state.data?.data.some((one) => one.state === "running") ? AGAIN_MS : false,
  });
  if (codes) {
    return (
      <PeopleDrawer
        title={t("coupon.codes_title", { name: coupon.name })}
        what={t("coupon.codes")}
        operation="GET /coupons/batches/{coupon_batch_id}/codes"
        input={{ path: { coupon_batch_id: codes } }}
        rowKey={(one: { code: string }) => one.code}
        row={(one: Parameters<typeof Code>[0]["one"]) => <Code one={one} />}
        close={() => setCodes(null)}
      />
    );
  }
  return (
    <Drawer
      open
      onClose={close}
      size={560}
      title={t("coupon.batches_title", { name: coupon.name })}
    >
      <Asked query={batches} what={t("coupon.batches")} skeleton={<RowsSkeleton rows={4} />}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="soft">{t("coupon.no_batches")}</p>
          ) : (
            <ul className="stack">
              {data.map((one) => (
                <li key={one.coupon_batch_id}>
                  <Batch one={one} show={() => setCodes(one.coupon_batch_id)} />
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Drawer>
  );
}

function Batch({ one, show }: { one: CouponBatch; show: () => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const cancel = useAct("POST /coupons/batches/{coupon_batch_id}/cancel", OF_COUPONS);
  const running = one.state === "running";
  const path = { coupon_batch_id: one.coupon_batch_id };
  const told = one.private
    ? t("coupon.batch_hidden")
    : t("coupon.batch_given", { given: one.given, total: one.total });
  const share = one.total ? Math.floor(((one.looked_at ?? 0) / one.total) * 100) : 0;
  return (
    <div className="row apart">
      <span>
        {t(`coupon.how.${one.how}`)} · {told}
        {running && !one.private && <Progress percent={share} size="small" />}
        <span className="soft small" style={{ display: "block" }}>
          {actorName(one.actor)} · <When at={one.at} as="minute" />
          {` · ${t(`coupon.batch_state.${one.state}`)}`}
          {one.reason && ` · ${one.reason}`}
        </span>
      </span>
      <Guard may="benefits.write">
        <span className="nowrap">
          {!one.private && (one.given ?? 0) > 0 && (
            <Button size="small" onClick={show}>
              {t("coupon.codes")} · {count(one.given ?? 0)}
            </Button>
          )}
          {running && (
            <Button size="small" danger onClick={() => cancel.mutate({ path })}>
              {t("coupon.stop")}
            </Button>
          )}
        </span>
      </Guard>
    </div>
  );
}
