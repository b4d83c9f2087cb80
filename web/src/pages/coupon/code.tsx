import { Link } from "@tanstack/react-router";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { CouponCode } from "../../api/shape";
import { day } from "../../format";
import { useShop } from "../../session";

/** A code: how it stands, whose it is and until when. */
export function Code({ one, plain }: { one: CouponCode; plain?: boolean }) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  return (
    <div>
      {plain ? one.coupon : <code>{one.code}</code>} <Tag>{t(`coupon.standing.${one.state}`)}</Tag>
      <div className="soft small">
        {t("coupon.until", { day: day(one.valid_until, zone) })}
        {` · ${t(`coupon.how.${one.how}`)}`}
        {plain && (
          <>
            {" · "}
            <code>{one.code}</code>
          </>
        )}
      </div>
      {!plain && one.customer_id && (
        <div>
          <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
            {t("coupon.holder", { number: one.customer_id })}
          </Link>
        </div>
      )}
    </div>
  );
}
