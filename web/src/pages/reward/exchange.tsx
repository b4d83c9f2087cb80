import { Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_REWARDS, useAct, useApi } from "../../api/hooks";
import type { Exchange } from "../../api/shape";
import { RowAct } from "../../part/act";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Go } from "../../part/go";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { useMoney, When } from "../../part/value";
import { priceText } from "./say";

/** Exchanges that are listed. */
const LISTED = 100;
type Open = { what: "done" | "cancel"; exchange: Exchange };

/** What customers took for points, the latest first. */
export function ExchangeList() {
  const { t } = useTranslation();
  const exchanges = useApi("GET /exchanges", { query: { limit: LISTED } });
  const rewards = useApi("GET /rewards");
  const [open, setOpen] = useState<Open | null>(null);
  const done = useAct("POST /exchanges/{exchange_id}/done", OF_REWARDS);
  const cancel = useAct("POST /exchanges/{exchange_id}/cancel", OF_REWARDS);
  const name = (id: string) => rewards.data?.find((own) => own.reward_id === id)?.name ?? `#${id}`;
  const path = { exchange_id: open?.exchange.exchange_id ?? "" };
  const what = open?.what ?? "done";
  return (
    <>
      <Asked query={exchanges} what={t("reward.tab.exchange")} skeleton={<RowsSkeleton rows={4} />}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t("exchange.empty")} why={t("exchange.empty_why")} />
          ) : (
            <Rows all={data} name={name} act={setOpen} />
          )
        }
      </Asked>
      <ConfirmAct
        open={open !== null}
        title={t(`exchange.${what}`)}
        what={t(`exchange.${what}_what`)}
        verb={t(`exchange.${what}`)}
        danger={what === "cancel"}
        act={() => (what === "done" ? done : cancel).mutateAsync({ path })}
        onClose={() => setOpen(null)}
      />
    </>
  );
}

interface RowsProps {
  all: Exchange[];
  name: (reward: string) => string;
  act: (open: Open) => void;
}

function Rows({ all, name, act }: RowsProps) {
  const { t } = useTranslation();
  const money = useMoney();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("reward.one")}</th>
            <th scope="col">{t("exchange.who")}</th>
            <th scope="col">{t("reward.price")}</th>
            <th scope="col">{t("exchange.at")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.exchange_id}>
              <td>
                {name(one.reward_id)}
                {one.pieces > 1 && ` × ${one.pieces}`}
                <p className="small">
                  <Tag>{t(`exchange.state.${one.state}`)}</Tag>
                  {one.code && <code>{one.code}</code>}
                </p>
              </td>
              <td>
                {one.customer_id ? (
                  <Go to={`/customers/${one.customer_id}`}>{`#${one.customer_id}`}</Go>
                ) : (
                  "–"
                )}
              </td>
              <td>{priceText(one, { t, money: money.full })}</td>
              <td>
                <When at={one.at} as="minute" />
                {one.state === "open" && (
                  <p className="soft small">
                    {t("exchange.until")} <When at={one.until} as="minute" />
                  </p>
                )}
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

function Acts({ one, act }: { one: Exchange; act: RowsProps["act"] }) {
  const { t } = useTranslation();
  const button = (what: Open["what"]) => (
    <RowAct
      label={t(`exchange.${what}`)}
      danger={what === "cancel"}
      act={() => act({ what, exchange: one })}
    />
  );
  return (
    <Guard may="benefits.write">
      {one.state === "open" && button("done")}
      {one.state !== "cancelled" && button("cancel")}
    </Guard>
  );
}
