import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CouponCode } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { PeopleDrawer } from "../../part/people";
import { Code } from "../coupon/code";

/** Coupons that are shown on the page. */
const SHOWN = 5;

/** The coupons that somebody has. */
export function PersonCoupons({ id }: { id: string }) {
  const { t } = useTranslation();
  const path = { customer_id: id };
  const own = useApi("GET /customers/{customer_id}/coupons", { path, query: { limit: SHOWN } });
  const [all, setAll] = useState(false);
  if (!own.data || own.data.data.length === 0) return null;
  return (
    <section aria-label={t("nav.coupons")} className="card-part">
      <h2>{t("nav.coupons")}</h2>
      <ul className="identities">
        {own.data.data.map((one) => (
          <li key={one.code}>
            <Code one={one} plain />
          </li>
        ))}
      </ul>
      {own.data.next && (
        <Button size="small" onClick={() => setAll(true)}>
          {t("coupon.show_all")}
        </Button>
      )}
      {all && (
        <PeopleDrawer
          title={t("nav.coupons")}
          what={t("nav.coupons")}
          operation="GET /customers/{customer_id}/coupons"
          input={{ path }}
          rowKey={(one: CouponCode) => one.code}
          row={(one: CouponCode) => <Code one={one} plain />}
          close={() => setAll(false)}
        />
      )}
    </section>
  );
}
