import { ExportOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Order } from "../../api/shape";
import { Channel } from "../../part/channel";
import type { Column } from "../../part/columns";
import { Guard } from "../../part/confirm";
import { useExport } from "../../part/export";
import type { Filter } from "../../part/filter";
import { keysOf } from "../../part/filter";
import { Go } from "../../part/go";
import { ListPage } from "../../part/list";
import { Count, Money, OrderStatusTag, When } from "../../part/value";
import { Views } from "../../part/views";
import { filtersOf, useUrl } from "../../url";
import { useRegion } from "../customer/region";
import { OrderLook } from "./detail";

const STATUSES = ["placed", "paid", "shipped", "received", "closed"];
const KINDS = ["order", "refund", "correction"];

function useOrderColumns(): Column<Order>[] {
  const { t } = useTranslation();
  const region = useRegion();
  return useMemo(() => {
    const name = (key: string) => t(`order.${key}`);
    const money = (key: "paid_minor" | "refunded_minor" | "net_minor", off = false) => ({
      key,
      title: name(key),
      right: true,
      sort: key === "net_minor" ? key : undefined,
      off,
      render: (one: Order) => <Money minor={one[key]} />,
    });
    return [
      {
        key: "number",
        title: name("number"),
        render: (one) => (
          <Link to="/orders/$orderId" params={{ orderId: one.order_id }}>
            {one.external_id}
          </Link>
        ),
      },
      {
        key: "status",
        title: name("state"),
        render: (one) => <OrderStatusTag status={one.status} kind={one.kind} />,
      },
      {
        key: "placed_at",
        title: name("placed_at"),
        sort: "placed_at",
        render: (one) => <When at={one.placed_at} as="minute" />,
      },
      money("paid_minor"),
      money("refunded_minor"),
      money("net_minor"),
      {
        key: "items",
        title: name("items"),
        right: true,
        render: (one) => <Count value={one.items} />,
      },
      {
        key: "customer",
        title: name("customer"),
        render: (one) =>
          one.customer_id ? (
            <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
              {t("order.see_customer")}
            </Link>
          ) : (
            <span className="soft">{t("order.nobody")}</span>
          ),
      },
      { key: "channel", title: name("channel"), render: (one) => <Channel name={one.channel} /> },
      { key: "region", title: name("region"), render: region },
      {
        key: "paid_at",
        title: name("paid_at"),
        off: true,
        render: (one) => <When at={one.paid_at} as="minute" />,
      },
      {
        key: "shipped_at",
        title: name("shipped_at"),
        off: true,
        render: (one) => <When at={one.shipped_at} as="minute" />,
      },
      {
        key: "received_at",
        title: name("received_at"),
        off: true,
        render: (one) => <When at={one.received_at} as="minute" />,
      },
      { key: "store", title: name("store"), off: true, render: (one) => one.store ?? "–" },
    ];
  }, [t, region]);
}

function useOrderFilters(): Filter[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const name = (key: string) => t(`order.${key}`);
    return [
      { key: "q", kind: "text", name: t("list.filter"), main: true, hint: name("search_hint") },
      {
        key: "status",
        kind: "choice",
        name: name("state"),
        main: true,
        options: STATUSES.map((value) => ({ value, label: t(`order.status.${value}`) })),
      },
      { key: "placed", kind: "date", name: name("placed_at"), main: true },
      { key: "net", kind: "money", name: name("net_minor"), main: true },
      {
        key: "kind",
        kind: "choice",
        name: name("kind_name"),
        options: KINDS.map((value) => ({ value, label: t(`order.kind.${value}`) })),
      },
      { key: "customer_id", kind: "text", name: name("customer"), hint: name("customer_hint") },
    ];
  }, [t]);
}

export function Orders() {
  const { t } = useTranslation();
  const columns = useOrderColumns();
  const filters = useOrderFilters();
  const [search] = useUrl();
  const run = useExport("orders");
  const asked = filtersOf(search, filters.flatMap(keysOf));
  return (
    <ListPage<Order>
      list="orders"
      title={t("nav.orders")}
      lead={t("order.lead")}
      what={t("order.what")}
      operation="GET /orders"
      filters={filters}
      columns={columns}
      rowKey={(one) => one.order_id}
      sort="-placed_at"
      tools={<Views page="orders" />}
      actions={
        <Guard may="exports.run">
          <Button icon={<ExportOutlined aria-hidden />} onClick={() => void run(asked)}>
            {t("order.export")}
          </Button>
        </Guard>
      }
      look={(one) => ({
        title: one.external_id,
        body: <OrderLook id={one.order_id} />,
        open: (
          <Link
            to="/orders/$orderId"
            params={{ orderId: one.order_id }}
            className="go-button first"
          >
            {t("list.open")}
          </Link>
        ),
      })}
      empty={{
        title: t("order.empty"),
        why: t("order.empty_why"),
        action: (
          <Guard may="imports.write">
            <Go to="/imports/new" first>
              {t("overview.empty_import")}
            </Go>
          </Guard>
        ),
      }}
    />
  );
}
