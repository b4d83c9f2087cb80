import { Button, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_REWARDS, useAct, useApi } from "../../api/hooks";
import type { Reward } from "../../api/shape";
import { count } from "../../format";
import { RowAct } from "../../part/act";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { useMoney, When } from "../../part/value";
import { RewardForm } from "./form";
import { givesText, priceText } from "./say";
import { TakeForm } from "./take";

type What = "form" | "take" | "remove";
type Open = { what: What; reward: Reward | null };

/** What customers can have for points. */
export function RewardList() {
  const { t } = useTranslation();
  const rewards = useApi("GET /rewards");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const remove = useAct("DELETE /rewards/{reward_id}", OF_REWARDS);
  const own = open?.reward ?? null;
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", reward: null })}>
        {t("reward.new")}
      </Button>
    </Guard>
  );
  return (
    <>
      <Asked query={rewards} what={t("nav.rewards")} skeleton={<RowsSkeleton rows={4} />}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t("reward.empty")} why={t("reward.empty_why")} action={create} />
          ) : (
            <div className="stack">
              <div className="row apart">
                <span className="soft small">{t("reward.list_how")}</span>
                {create}
              </div>
              <Rows all={all} act={(what, reward) => setOpen({ what, reward })} />
            </div>
          )
        }
      </Asked>
      {open?.what === "form" && <RewardForm before={own} close={close} />}
      {open?.what === "take" && own && <TakeForm reward={own} close={close} />}
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("reward.remove")}
        what={t("reward.remove_what", { name: own?.name })}
        verb={t("reward.remove")}
        danger
        act={() => remove.mutateAsync({ path: { reward_id: own?.reward_id ?? "" } })}
        onClose={close}
      />
    </>
  );
}

interface RowsProps {
  all: Reward[];
  act: (what: What, reward: Reward) => void;
}

function Rows({ all, act }: RowsProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const taken = ({ taken: own, limits: { stock } }: Reward) =>
    stock
      ? t("promotion.limit.taken", { taken: count(own), stock: count(stock) })
      : t("reward.taken", { taken: count(own) });
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("reward.one")}</th>
            <th scope="col">{t("reward.gives")}</th>
            <th scope="col">{t("reward.price")}</th>
            <th scope="col">{t("promotion.when")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.reward_id}>
              <td>
                {one.name}
                <p className="small">
                  <Tag>{t(one.open ? "reward.open" : "reward.closed")}</Tag>
                </p>
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td>
                {givesText(one, t)}
                <p className="soft small">{taken(one)}</p>
              </td>
              <td>
                {priceText(one, { t, money: money.full })}
                {one.limits.each && (
                  <p className="soft small">
                    {t("promotion.limit.for_each", { most: count(one.limits.each) })}
                  </p>
                )}
              </td>
              <td>
                <When at={one.starts_at} as="minute" /> –{" "}
                <When at={one.ends_at} as="minute" none={t("promotion.never")} />
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

function Acts({ one, act }: { one: Reward; act: RowsProps["act"] }) {
  const { t } = useTranslation();
  const button = (what: What, label: string) => (
    <RowAct label={label} danger={what === "remove"} act={() => act(what, one)} />
  );
  return (
    <Guard may="benefits.write">
      {one.open && button("take", t("reward.take"))}
      {button("form", t("act.edit"))}
      {button("remove", t("act.delete"))}
    </Guard>
  );
}
