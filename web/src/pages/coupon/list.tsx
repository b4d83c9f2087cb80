import { Button, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Coupon } from "../../api/shape";
import { OF_COUPONS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { useActorName } from "../../part/actor";
import { RowAct } from "../../part/act";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page } from "../../part/page";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { Money } from "../../part/value";
import { Batches } from "./batches";
import { FindCode } from "./find";
import { CouponForm } from "./form";
import { Issue } from "./issue";
import { useCouponText } from "./say";

type What = "form" | "issue" | "batches" | "end" | "decide" | "find";
type Open = { what: What; coupon: Coupon | null };
/** Coupons that are listed. */
const LISTED = 200;

/** What the shop hands out, and what came of it. */
export function Coupons() {
  const { t } = useTranslation();
  const coupons = useApi("GET /coupons", { query: { limit: LISTED } });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const end = useAct("POST /coupons/{coupon_id}/end", OF_COUPONS);
  const own = open?.coupon ?? null;
  const path = { coupon_id: own?.coupon_id ?? "" };
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", coupon: null })}>
        {t("coupon.new")}
      </Button>
    </Guard>
  );
  const actions = (
    <>
      <Button onClick={() => setOpen({ what: "find", coupon: null })}>{t("coupon.find")}</Button>
      {create}
    </>
  );
  return (
    <Page title={t("nav.coupons")} lead={t("coupon.lead")} actions={actions}>
      <Asked query={coupons} what={t("nav.coupons")} skeleton={<RowsSkeleton rows={4} />}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t("coupon.empty")} why={t("coupon.empty_why")} action={create} />
          ) : (
            <Rows all={data} act={(what, coupon) => setOpen({ what, coupon })} />
          )
        }
      </Asked>
      {open?.what === "form" && <CouponForm before={own} close={close} />}
      {open?.what === "issue" && own && <Issue coupon={own} close={close} />}
      {open?.what === "batches" && own && <Batches coupon={own} close={close} />}
      {open?.what === "find" && <FindCode close={close} />}
      {open?.what === "decide" && own && <Decide coupon={own} close={close} />}
      <ConfirmAct
        open={open?.what === "end"}
        title={t("coupon.end")}
        what={t("coupon.end_what", { name: own?.name })}
        verb={t("coupon.end")}
        danger
        act={() => end.mutateAsync({ path })}
        onClose={close}
      />
    </Page>
  );
}

/** A second person says whether what a coupon may cost is all right. */
function Decide({ coupon, close }: { coupon: Coupon; close: () => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const decide = useAct("POST /coupons/{coupon_id}/decision", OF_COUPONS);
  const [refusing, setRefusing] = useState(false);
  const verb = t(refusing ? "coupon.refuse" : "coupon.approve");
  const path = { coupon_id: coupon.coupon_id };
  return (
    <ConfirmAct
      open
      title={t("coupon.decide")}
      what={
        <div className="stack">
          <span>
            {t("coupon.decide_what", { name: coupon.name, editor: actorName(coupon.editor) })}
          </span>
          <Button size="small" onClick={() => setRefusing((own) => !own)}>
            {t(refusing ? "coupon.approve_instead" : "coupon.refuse_instead")}
          </Button>
        </div>
      }
      verb={verb}
      danger={refusing}
      act={() => decide.mutateAsync({ path, body: { approve: !refusing } })}
      onClose={close}
    />
  );
}

interface RowsProps {
  all: Coupon[];
  act: (what: What, coupon: Coupon) => void;
}

function stateOf({ ended_at, waits, version_in_force }: Coupon) {
  if (ended_at) return "ended";
  if (waits) return "waits";
  return version_in_force === 0 ? "refused" : "open";
}

function Rows({ all, act }: RowsProps) {
  const { t } = useTranslation();
  const text = useCouponText(all.map((one) => one.terms));
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("coupon.one")}</th>
            <th scope="col">{t("coupon.says")}</th>
            <th scope="col" className="right">
              {t("coupon.taken")}
            </th>
            <th scope="col" className="right">
              {t("coupon.redeemed")}
            </th>
            <th scope="col" className="right">
              {t("coupon.spent")}
            </th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.coupon_id}>
              <td>
                {one.name}
                <p className="small">
                  <Tag>{t(`coupon.state.${stateOf(one)}`)}</Tag>
                </p>
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td>
                {text(one.terms).map((line, at) => (
                  <p key={line} className={at === 0 ? "" : "soft small"}>
                    {line}
                  </p>
                ))}
              </td>
              <td className="right">
                {one.taken === null ? (
                  <span className="soft small">{t("coupon.hidden")}</span>
                ) : (
                  count(one.taken)
                )}
              </td>
              <td className="right">{count(one.redeemed)}</td>
              <td className="right">
                <Money minor={one.spent_minor} />
              </td>
              <td className="right">
                <Acts one={one} act={act} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Acts({ one, act }: { one: Coupon; act: RowsProps["act"] }) {
  const { t } = useTranslation();
  const button = (what: What, label: string, danger?: boolean) => (
    <RowAct label={label} danger={Boolean(danger)} act={() => act(what, one)} />
  );
  const open = !one.ended_at;
  return (
    <>
      <Guard may="benefits.write">
        {open && one.waits && button("decide", t("coupon.decide"))}
        {open && one.version_in_force > 0 && button("issue", t("coupon.issue"))}
      </Guard>
      {button("batches", t("coupon.batches"))}
      <Guard may="benefits.write">
        {open && button("form", t("act.edit"))}
        {open && button("end", t("coupon.end"), true)}
      </Guard>
    </>
  );
}
