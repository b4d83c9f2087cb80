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
    <span>
      {plain ? one.coupon : <code>{one.code}</code>} <Tag>{t(`coupon.standing.${one.state}`)}</Tag>
      <span className="soft small" style={{ display: "block" }}>
        {t("coupon.until", { day: day(one.valid_until, zone) })}
        {` · ${t(`coupon.how.${one.how}`)}`}
        {plain && (
          <>
            {" · "}
            <code>{one.code}</code>
          </>
        )}
        {!plain && one.customer_id && (
          <>
            {" · "}
            <Link
              to="/customers/$customerId"
              params={{ customerId: one.customer_id }}
              style={{ textDecoration: "underline" }}
            >
              {t("coupon.holder", { number: one.customer_id })}
            </Link>
          </>
        )}
      </span>
    </span>
  );
}
