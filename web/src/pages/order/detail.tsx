import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Order, OrderWhole } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { Back } from "../../part/back";
import { Channel } from "../../part/channel";
import { Facts, Page, Section } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { Count, Masked, Money, OrderStatusTag, When } from "../../part/value";
import { useRegion } from "../customer/region";

const WHOLE = "GET /orders/{order_id}/whole";

export function OrderPage() {
  const { t } = useTranslation();
  const { orderId } = useParams({ strict: false });
  const order = useApi(WHOLE, { path: { order_id: orderId ?? "" } });
  return (
    <Asked
      query={order}
      what={t("order.one")}
      skeleton={
        <div className="page">
          <RowsSkeleton rows={10} />
        </div>
      }
    >
      {(data) => (
        <Page
          title={data.order.external_id}
          above={<Back to="/orders">{t("nav.orders")}</Back>}
          lead={<OrderStatusTag status={data.order.status} kind={data.order.kind} />}
        >
          <OrderBody whole={data} wide />
        </Page>
      )}
    </Asked>
  );
}

export function OrderLook({ id }: { id: string }) {
  const { t } = useTranslation();
  const order = useApi(WHOLE, { path: { order_id: id } });
  return (
    <Asked query={order} what={t("order.one")}>
      {(data) => <OrderBody whole={data} />}
    </Asked>
  );
}

function OrderBody({ whole, wide }: { whole: OrderWhole; wide?: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <div className={wide ? "two-columns" : "stack wide"}>
        <OrderFacts whole={whole} />
        <Steps order={whole.order} />
      </div>
      <Section title={t("order.lines")}>
        <Lines lines={whole.lines} />
      </Section>
      {whole.followers.length > 0 && (
        <Section title={t("order.refunds")}>
          <Refunds refunds={whole.followers} />
        </Section>
      )}
    </>
  );
}

function OrderFacts({ whole }: { whole: OrderWhole }) {
  const { t } = useTranslation();
  const region = useRegion();
  const { order, contact, sources } = whole;
  const name = (key: string) => t(`order.${key}`);
  const customer = order.customer_id ? (
    <Link to="/customers/$customerId" params={{ customerId: order.customer_id }}>
      {t("order.see_customer")}
    </Link>
  ) : (
    <span className="soft">{t("order.nobody")}</span>
  );
  const adjusted: [string, ReactNode][] = order.adjusted_minor
    ? [[name("adjusted_minor"), <Money minor={order.adjusted_minor} key="a" />]]
    : [];
  return (
    <Facts
      items={[
        [name("customer"), customer],
        [name("paid_minor"), <Money minor={order.paid_minor} key="p" />],
        [name("refunded_minor"), <Money minor={order.refunded_minor} key="r" />],
        ...adjusted,
        [name("net_minor"), <Money minor={order.net_minor} key="n" />],
        [name("channel"), <Channel name={order.channel} key="ch" />],
        [name("region"), region(order)],
        [name("contact"), <Contact contact={contact} key="c" />],
        [name("sources"), sources.join(", ") || "–"],
      ]}
    />
  );
}

function Contact({ contact }: { contact: OrderWhole["contact"] }) {
  const values = [contact?.name, contact?.phone, contact?.address].filter(Boolean);
  if (values.length === 0) return <>–</>;
  return (
    <span className="row wrap">
      {values.map((one) => (
        <Masked key={one} value={one} />
      ))}
    </span>
  );
}

const STEPS = ["placed", "paid", "shipped", "received", "closed"] as const;

function Steps({ order }: { order: Order }) {
  const { t } = useTranslation();
  const done = STEPS.filter((step) => order[`${step}_at`]);
  return (
    <ol className="steps" aria-label={t("order.steps")}>
      {done.map((step) => (
        <li key={step}>
          <span className="strong">{t(`order.step_${step}`)}</span>{" "}
          <When at={order[`${step}_at`]} as="minute" />
        </li>
      ))}
    </ol>
  );
}

function Lines({ lines }: { lines: OrderWhole["lines"] }) {
  const { t } = useTranslation();
  const name = (key: string) => t(`order.${key}`);
  if (lines.length === 0) return <p className="soft">{t("order.no_lines")}</p>;
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{name("product")}</th>
            <th scope="col">{name("sku")}</th>
            <th scope="col" className="right">
              {name("unit_price")}
            </th>
            <th scope="col" className="right">
              {name("quantity")}
            </th>
            <th scope="col" className="right">
              {name("amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            <tr key={at}>
              <td>
                {line.product_id ? (
                  <Link to="/products/$productId" params={{ productId: line.product_id }}>
                    {line.title ?? line.sku}
                  </Link>
                ) : (
                  (line.title ?? line.sku ?? "–")
                )}
              </td>
              <td className="nowrap">{line.sku ?? "–"}</td>
              <td className="right">
                <Money minor={line.unit_price_minor} />
              </td>
              <td className="right">
                <Count value={line.quantity} />
              </td>
              <td className="right">
                <Money minor={line.amount_minor} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Refunds({ refunds }: { refunds: Order[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t("order.refund_number")}</th>
          <th scope="col">{t("order.refund_at")}</th>
          <th scope="col" className="right">
            {t("order.refunded_minor")}
          </th>
        </tr>
      </thead>
      <tbody>
        {refunds.map((one) => (
          <tr key={one.order_id}>
            <td>{one.external_id}</td>
            <td>
              <When at={one.placed_at} as="minute" />
            </td>
            <td className="right">
              <Money minor={one.refunded_minor} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
