import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Customer } from "../../api/shape";
import { Channel } from "../../part/channel";
import type { Column } from "../../part/columns";
import { Count, Money, StratumTag, When } from "../../part/value";
import { useRegion } from "./region";

export function customerTitle(one: Customer): string {
  return one.external_id || `#${one.customer_id}`;
}

export function CustomerLink({ one }: { one: Customer }) {
  return (
    <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
      {customerTitle(one)}
    </Link>
  );
}

export function Scores({ one }: { one: Customer }) {
  if (one.r == null) return <span className="soft">–</span>;
  return (
    <span className="nowrap">
      R{one.r} F{one.f} M{one.m}
    </span>
  );
}

export function useCustomerColumns(): Column<Customer>[] {
  const { t } = useTranslation();
  const region = useRegion();
  return useMemo(() => {
    const column = (key: keyof Customer & string, more: Partial<Column<Customer>>) => ({
      key,
      title: t(`customer.${key}`),
      render: (one: Customer) => plain(one[key]),
      ...more,
    });
    const known = (key: "has_phone" | "has_email") =>
      column(key, { off: true, render: (one) => t(`customer.known_${one[key]}`) });
    const money = (
      key: "net_minor" | "paid_minor" | "refunded_minor" | "order_value_minor",
      off = false,
    ) =>
      column(key, {
        right: true,
        sort: key,
        off,
        render: (one) => <Money minor={one[key]} />,
      });
    const time = (
      key: "last_order_at" | "first_order_at" | "registered_at" | "last_visit_at",
      off = true,
    ) =>
      column(key, {
        sort: key,
        off,
        render: (one) => <When at={one[key]} as="both" />,
      });
    const number = (key: "orders" | "paid_orders" | "items" | "days_between_orders", off = false) =>
      column(key, { right: true, sort: key, off, render: (one) => <Count value={one[key]} /> });
    return [
      { key: "who", title: t("customer.who"), render: (one) => <CustomerLink one={one} /> },
      column("stratum", { render: (one) => <StratumTag name={one.stratum} /> }),
      { key: "scores", title: t("customer.scores"), render: (one) => <Scores one={one} /> },
      money("net_minor"),
      number("paid_orders"),
      money("order_value_minor"),
      time("last_order_at", false),
      { key: "region", title: t("customer.region"), render: region },
      column("channel", { render: (one) => <Channel name={one.channel} /> }),
      number("orders", true),
      number("items", true),
      money("paid_minor", true),
      money("refunded_minor", true),
      number("days_between_orders", true),
      time("first_order_at"),
      time("registered_at"),
      time("last_visit_at"),
      column("favourite_category", { off: true }),
      column("favourite_brand", { off: true }),
      column("gender", {
        off: true,
        render: (one) =>
          one.gender === "male" || one.gender === "female"
            ? t(`customer.gender_${one.gender}`)
            : plain(one.gender),
      }),
      column("age_band", { off: true }),
      known("has_phone"),
      known("has_email"),
    ];
  }, [t, region]);
}

function plain(value: unknown) {
  return value == null || value === "" ? <span className="soft">–</span> : String(value);
}
