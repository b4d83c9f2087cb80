import { say } from "../../part/say";
import { useNavigate } from "@tanstack/react-router";
import { Button, Input, Modal } from "antd";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, MergePreview } from "../../api/shape";
import { queryClient, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";
import { Count, Money, StratumTag, useMaskText, useMoney, When } from "../../part/value";
import { customerTitle } from "./columns";
import { CHANGED } from "./identities";

interface MergeProps {
  one: Customer;
  /** Whom to merge in; `1` where that has to be asked. */
  wish: string | undefined;
  close: () => void;
}

/** Joins two customers, after showing both and what moves. */
export function Merge({ one, wish, close }: MergeProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const [other, setOther] = useState<string | null>(null);
  useEffect(() => setOther(wish && wish !== "1" ? wish : null), [wish]);
  const path = { customer_id: one.customer_id };
  const preview = useApi(
    "GET /customers/{customer_id}/merge",
    { path, query: { with: other } },
    { enabled: Boolean(wish && other), retry: false },
  );
  const merge = useAct("POST /customers/{customer_id}/merge");
  const go = async () => {
    try {
      await merge.mutateAsync({ path, body: { customer_id: other ?? "" } });
      say.success(t("merge.done"));
      const stays = preview.data?.into.customer_id;
      if (stays && stays !== one.customer_id) {
        await navigate({ to: "/customers/$customerId", params: { customerId: stays } });
      } else close();
      // Only now: whoever is gone must not be asked for again.
      await Promise.all(CHANGED.map((name) => queryClient.invalidateQueries({ queryKey: [name] })));
    } catch (error) {
      say.error(errorText(error));
    }
  };
  return (
    <Modal
      open={Boolean(wish)}
      title={t("customer.merge")}
      onCancel={close}
      width={720}
      okText={t("merge.go")}
      cancelText={t("act.cancel")}
      confirmLoading={merge.isPending}
      okButtonProps={{ disabled: !preview.data || !other }}
      onOk={() => void go()}
      destroyOnHidden
    >
      {!other && <Find find={setOther} self={one.customer_id} />}
      {other && (
        <div className="stack wide">
          <Asked query={preview} what={t("merge.other")} skeleton={<RowsSkeleton rows={6} />}>
            {(data) => <Both preview={data} />}
          </Asked>
          <div>
            <Button type="link" onClick={() => setOther(null)}>
              {t("merge.another")}
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Find({ find, self }: { find: (id: string) => void; self: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [q, setQ] = useState("");
  const people = useApi("GET /customers", { query: { q, limit: 10 } }, { enabled: q.length > 1 });
  const found = people.data?.data.filter((one) => one.customer_id !== self);
  return (
    <form
      className="stack wide"
      onSubmit={(event) => {
        event.preventDefault();
        setQ(text.trim());
      }}
    >
      <p>{t("merge.find")}</p>
      <div className="row">
        <Input
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoFocus
          placeholder={t("customer.search_hint")}
          aria-label={t("customer.search_hint")}
        />
        <Button htmlType="submit" loading={people.isFetching}>
          {t("bar.search")}
        </Button>
      </div>
      {found?.length === 0 && <p className="soft">{t("palette.none", { text: q })}</p>}
      <ul className="stack">
        {found?.map((one) => (
          <li key={one.customer_id}>
            <button type="button" className="found" onClick={() => find(one.customer_id)}>
              <span>
                {customerTitle(one)} <span className="soft">{one.external_id}</span>
              </span>
              <StratumTag name={one.stratum} />
              <Money minor={one.net_minor} />
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}

function Both({ preview }: { preview: MergePreview }) {
  const { t } = useTranslation();
  const money = useMoney();
  const { into, from, into_personal: intoWho, from_personal: fromWho } = preview;
  const sum = (key: "paid_orders" | "net_minor") => into[key] + from[key];
  const last = [into.last_order_at, from.last_order_at].filter(Boolean).sort().at(-1);
  const who = (one: Customer, name: string | null) => name ?? customerTitle(one);
  const names = (personal: MergePreview["into_personal"]) =>
    personal.identities.map((one) => one.value).filter(Boolean);
  const lines: [string, ReactNode, ReactNode, ReactNode][] = [
    [
      t("customer.who"),
      who(into, intoWho.name),
      who(from, fromWho.name),
      who(into, intoWho.name ?? fromWho.name),
    ],
    [
      t("profile.identities"),
      <Names key="i" all={names(intoWho)} />,
      <Names key="f" all={names(fromWho)} />,
      <Names key="a" all={[...new Set([...names(intoWho), ...names(fromWho)])]} />,
    ],
    [
      t("customer.stratum"),
      <StratumTag key="i" name={into.stratum} />,
      <StratumTag key="f" name={from.stratum} />,
      <span key="a" className="soft">
        {t("merge.later")}
      </span>,
    ],
    [
      t("customer.paid_orders"),
      <Count key="i" value={into.paid_orders} />,
      <Count key="f" value={from.paid_orders} />,
      <Count key="a" value={sum("paid_orders")} />,
    ],
    [
      t("customer.net_minor"),
      <Money key="i" minor={into.net_minor} />,
      <Money key="f" minor={from.net_minor} />,
      <Money key="a" minor={sum("net_minor")} />,
    ],
    [
      t("customer.last_order_at"),
      <When key="i" at={into.last_order_at} />,
      <When key="f" at={from.last_order_at} />,
      <When key="a" at={last} />,
    ],
  ];
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <td />
            {["into", "from", "after"].map((side) => (
              <th key={side} scope="col">
                {t(`merge.${side}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, ...cells]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, at) => (
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t("merge.moves", { orders: count(from.orders), money: money.full(from.net_minor) })}</p>
      <p className="soft">{t("merge.undo")}</p>
    </>
  );
}

function Names({ all }: { all: (string | null)[] }) {
  const maskText = useMaskText();
  if (all.length === 0) return <>–</>;
  return (
    <>
      {all.map((one, at) => (
        <div key={at}>{one && maskText(one)}</div>
      ))}
    </>
  );
}
