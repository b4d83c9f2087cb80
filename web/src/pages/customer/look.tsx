import { useTranslation } from "react-i18next";
import type { Customer } from "../../api/shape";
import { Channel } from "../../part/channel";
import { Facts } from "../../part/page";
import { Count, Money, StratumTag, When } from "../../part/value";
import { Scores } from "./columns";
import { useRegion } from "./region";

/** A customer at a glance. */
export function CustomerLook({ one }: { one: Customer }) {
  const { t } = useTranslation();
  const region = useRegion();
  const name = (key: string) => t(`customer.${key}`);
  return (
    <Facts
      items={[
        [name("stratum"), <StratumTag name={one.stratum} key="s" />],
        [name("scores"), <Scores one={one} key="r" />],
        [name("net_minor"), <Money minor={one.net_minor} key="n" />],
        [name("paid_minor"), <Money minor={one.paid_minor} key="p" />],
        [name("refunded_minor"), <Money minor={one.refunded_minor} key="f" />],
        [name("paid_orders"), <Count value={one.paid_orders} key="o" />],
        [name("order_value_minor"), <Money minor={one.order_value_minor ?? null} key="v" />],
        [name("last_order_at"), <When at={one.last_order_at} as="both" key="l" />],
        [name("first_order_at"), <When at={one.first_order_at} key="fo" />],
        [name("last_visit_at"), <When at={one.last_visit_at} as="both" key="lv" />],
        [name("has_phone"), t(`customer.known_${one.has_phone}`)],
        [name("has_email"), t(`customer.known_${one.has_email}`)],
        [name("region"), region(one)],
        [name("channel"), <Channel name={one.channel} key="ch" />],
        [name("favourite_category"), one.favourite_category ?? "–"],
        [name("favourite_brand"), one.favourite_brand ?? "–"],
      ]}
    />
  );
}
