import {
  CarOutlined,
  CheckOutlined,
  EditOutlined,
  EyeOutlined,
  HeartOutlined,
  LinkOutlined,
  MessageOutlined,
  PayCircleOutlined,
  RollbackOutlined,
  ShoppingCartOutlined,
  ShoppingOutlined,
  StarOutlined,
} from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Checkbox } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { Happening } from "../../api/shape";
import { clock, day, relative } from "../../format";
import { useLook } from "../../look";
import { useActorName } from "../../part/actor";
import { useChannel } from "../../part/channel";
import { Empty, ErrorBox, RowsSkeleton } from "../../part/state";
import { Money } from "../../part/value";
import { useShop } from "../../session";
import { useUrl } from "../../url";

const ROWS = 40;
const KINDS = [
  "order",
  "payment",
  "refund",
  "visit",
  "cart",
  "review",
  "favourite",
  "chat",
  "identity",
  "note",
];

const ICONS: Record<string, ReactNode> = {
  order: <ShoppingOutlined aria-hidden />,
  payment: <PayCircleOutlined aria-hidden />,
  refund: <RollbackOutlined aria-hidden />,
  visit: <EyeOutlined aria-hidden />,
  cart: <ShoppingCartOutlined aria-hidden />,
  review: <StarOutlined aria-hidden />,
  favourite: <HeartOutlined aria-hidden />,
  chat: <MessageOutlined aria-hidden />,
  identity: <LinkOutlined aria-hidden />,
  note: <EditOutlined aria-hidden />,
};

const EVENTS: Record<string, string> = {
  "order.placed": "placed",
  "order.paid": "paid",
  "order.shipped": "shipped",
  "order.received": "received",
  "order.closed": "cancelled",
  "order.refunded": "refunded",
  "Order Placed": "placed",
  "Order Completed": "paid",
  "Order Shipped": "shipped",
  "Order Received": "received",
  "Order Cancelled": "cancelled",
  "Order Refunded": "refunded",
  "Product Viewed": "viewed",
  "Product Added": "added",
  "Product Removed": "removed",
  "Product Reviewed": "reviewed",
  "Product Favourited": "favourited",
  "Cart Viewed": "cart",
  "Checkout Started": "checkout",
  "Page Viewed": "page",
  "Products Searched": "searched",
  "Product List Viewed": "list",
  "Product Added to Wishlist": "favourited",
  "identity.merged": "merged",
  "identity.parted": "parted",
  "customer.identified": "identified",
  "chat.said": "chat",
  "complaint.filed": "complaint",
  "referral.made": "referral",
};

function useTimeline(id: string, kind: string | undefined) {
  const path = { customer_id: id };
  return useInfiniteQuery({
    queryKey: ["GET /customers/{customer_id}/timeline", path, kind],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api("GET /customers/{customer_id}/timeline", {
        path,
        query: { kind, after: pageParam, limit: ROWS },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });
}

/** Everything that is known to have happened to somebody, by day. */
export function Timeline({ id }: { id: string }) {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const asked = search.kind;
  const timeline = useTimeline(id, asked);
  const entries = timeline.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-label={t("timeline.title")} className="timeline">
      <h2>{t("timeline.title")}</h2>
      <Checkbox.Group
        className="timeline-kinds"
        value={asked?.split(",") ?? []}
        aria-label={t("timeline.kinds")}
        onChange={(kinds) => change({ kind: kinds.join(",") || undefined }, { replace: true })}
        options={KINDS.map((value) => ({ value, label: t(`timeline.kind_${value}`) }))}
      />
      {timeline.error && (
        <ErrorBox
          error={timeline.error}
          what={t("timeline.title")}
          again={() => void timeline.refetch()}
        />
      )}
      {timeline.isPending && <RowsSkeleton rows={8} />}
      {timeline.isSuccess && entries.length === 0 && (
        <Empty title={t("timeline.none")} why={asked ? t("list.no_match_why") : undefined} />
      )}
      <Days entries={entries} />
      {timeline.hasNextPage && (
        <Button
          block
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          {t("timeline.more")}
        </Button>
      )}
    </section>
  );
}

function Days({ entries }: { entries: Happening[] }) {
  const { time_zone: zone } = useShop();
  const { lang } = useLook();
  const days = new Map<string, Happening[]>();
  for (const entry of entries) {
    const date = day(entry.at, zone);
    days.set(date, [...(days.get(date) ?? []), entry]);
  }
  return (
    <>
      {[...days].map(([date, list]) => (
        <div key={date} className="timeline-day">
          <h3>
            {date} <span className="soft small">{relative(list[0]?.at ?? date, lang)}</span>
          </h3>
          <ol>
            {list.map((entry, at) => (
              <Entry key={at} entry={entry} />
            ))}
          </ol>
        </div>
      ))}
    </>
  );
}

function Entry({ entry }: { entry: Happening }) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const actorName = useActorName();
  const channel = useChannel();
  const text =
    entry.kind === "identity" && entry.text ? t("timeline.with", { id: entry.text }) : entry.text;
  const from = [channel(entry.channel), entry.actor && actorName(entry.actor)].filter(Boolean);
  const icon =
    EVENTS[entry.event] === "shipped" ? (
      <CarOutlined aria-hidden />
    ) : EVENTS[entry.event] === "received" ? (
      <CheckOutlined aria-hidden />
    ) : (
      ICONS[entry.kind]
    );
  return (
    <li className="timeline-entry">
      <time dateTime={entry.at} className="soft small">
        {clock(entry.at, zone).slice(0, 5)}
      </time>
      <span aria-hidden="true" className="timeline-icon">
        {icon}
      </span>
      <div className="grow">
        <Words entry={entry} />
        {text && <p className="note-text">{text}</p>}
        {from.length > 0 && <div className="soft small">{from.join(" · ")}</div>}
      </div>
      {entry.amount_minor != null && <Money minor={entry.amount_minor} />}
    </li>
  );
}

/** What happened, in words; an event that nobody here has a word for keeps its name. */
function Words({ entry }: { entry: Happening }) {
  const { t } = useTranslation();
  const known = EVENTS[entry.event];
  const words = known
    ? t(`event.${known}`)
    : KINDS.includes(entry.kind)
      ? t(`timeline.kind_${entry.kind}`)
      : entry.event;
  const rating =
    typeof entry.properties.rating === "number"
      ? ` · ${t("timeline.rating", { count: entry.properties.rating })}`
      : "";
  return (
    <div>
      {words} <Subject entry={entry} />
      {rating}
    </div>
  );
}

function Subject({ entry }: { entry: Happening }) {
  if (entry.order_id) {
    return (
      <Link to="/orders/$orderId" params={{ orderId: entry.order_id }}>
        {entry.order_external_id ?? entry.order_id}
      </Link>
    );
  }
  if (entry.product_id) {
    return (
      <Link to="/products/$productId" params={{ productId: entry.product_id }}>
        {entry.title ?? entry.product_id}
      </Link>
    );
  }
  return <>{entry.title}</>;
}
