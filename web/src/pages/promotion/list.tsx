import { Button, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RowAct } from "../../part/act";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { When } from "../../part/value";
import { useOfferText } from "../offer/say";
import { OF_PROMOTIONS, useAct, useApi } from "../../api/hooks";
import type { Promotion } from "../../api/shape";
import { PromotionForm } from "./form";
import { limitsText } from "./say";
import { actsOf, termsOf } from "./terms";

type What = "form" | "end" | "remove";
type Open = { what: What; promotion: Promotion | null };
/** Promotions that are listed. */
const LISTED = 200;

/** The shop's promotions: what they do, and when. */
export function PromotionList() {
  const { t } = useTranslation();
  const promotions = useApi("GET /promotions", { query: { limit: LISTED } });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const end = useAct("POST /promotions/{promotion_id}/end", OF_PROMOTIONS);
  const remove = useAct("DELETE /promotions/{promotion_id}", OF_PROMOTIONS);
  const own = open?.promotion ?? null;
  const path = { promotion_id: own?.promotion_id ?? "" };
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", promotion: null })}>
        {t("promotion.new")}
      </Button>
    </Guard>
  );
  return (
    <>
      <Asked query={promotions} what={t("nav.promotions")} skeleton={<RowsSkeleton rows={4} />}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t("promotion.empty")} why={t("promotion.empty_why")} action={create} />
          ) : (
            <div className="stack">
              <div className="row apart">
                <span className="soft small">{t("promotion.list_how")}</span>
                {create}
              </div>
              <Rows all={data} act={(what, promotion) => setOpen({ what, promotion })} />
            </div>
          )
        }
      </Asked>
      {open?.what === "form" && <PromotionForm before={own} close={close} />}
      <ConfirmAct
        open={open?.what === "end"}
        title={t("promotion.end")}
        what={t("promotion.end_what", { name: own?.name })}
        verb={t("promotion.end")}
        danger
        act={() => end.mutateAsync({ path })}
        onClose={close}
      />
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("promotion.remove")}
        what={t("promotion.remove_what", { name: own?.name })}
        verb={t("promotion.remove")}
        danger
        act={() => remove.mutateAsync({ path })}
        onClose={close}
      />
    </>
  );
}

interface RowsProps {
  all: Promotion[];
  act: (what: What, promotion: Promotion) => void;
}

function Rows({ all, act }: RowsProps) {
  const { t } = useTranslation();
  const text = useOfferText(all.map(termsOf));
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("promotion.one")}</th>
            <th scope="col">{t("promotion.says")}</th>
            <th scope="col">{t("promotion.when")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => {
            const { does, scope } = text(termsOf(one));
            return (
              <tr key={one.promotion_id}>
                <td>
                  {one.name}
                  <p className="small">
                    <Tag>{t(`promotion.state.${one.state}`)}</Tag>
                  </p>
                  {one.note && <p className="soft small clip">{one.note}</p>}
                </td>
                <td>
                  <p>{does}</p>
                  <p className="soft small">{scope.join(" · ")}</p>
                </td>
                <td>
                  <When at={one.starts_at} as="minute" /> –{" "}
                  <When at={one.ends_at} as="minute" none={t("promotion.never")} />
                  {limitsText(one, t).map((line) => (
                    <p key={line} className="soft small">
                      {line}
                    </p>
                  ))}
                </td>
                <td className="right">
                  <Acts one={one} act={act} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Acts({ one, act }: { one: Promotion; act: RowsProps["act"] }) {
  const { t } = useTranslation();
  const can = actsOf(one);
  const button = (what: What, label: string) => (
    <RowAct label={label} danger={what !== "form"} act={() => act(what, one)} />
  );
  return (
    <Guard may="benefits.write">
      {button("form", t("act.edit"))}
      {can.end && button("end", t("promotion.end"))}
      {can.remove && button("remove", t("promotion.remove"))}
    </Guard>
  );
}
