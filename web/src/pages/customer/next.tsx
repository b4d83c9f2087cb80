import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CartLine, Profile } from "../../api/shape";
import { Count, Money, When } from "../../part/value";

/** What is likely or worth doing next. */
export function Next({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const { customer: one, cart, expected_order_at: expected } = profile;
  return (
    <section aria-label={t("profile.next")}>
      <h2>{t("profile.next")}</h2>
      {expected ? (
        <p>
          {t("profile.expected")} <When at={expected} as="both" />
        </p>
      ) : (
        <p className="soft">
          {t(one.paid_orders < 2 ? "profile.expected_none" : "profile.expected_past")}
        </p>
      )}
      {one.stratum && <p className="soft next-do">{t(`rfm.do_${one.stratum}`)}</p>}
      {cart === null && <p className="soft small card-part">{t("profile.cart_private")}</p>}
      {cart && cart.length > 0 && <Cart lines={cart} />}
    </section>
  );
}

function Cart({ lines }: { lines: CartLine[] }) {
  const { t } = useTranslation();
  const worth = lines.reduce((sum, line) => sum + (line.unit_price_minor ?? 0) * line.quantity, 0);
  const touched = lines
    .map((line) => line.touched_at)
    .sort()
    .at(-1);
  return (
    <>
      <h3 className="card-part">
        {t("profile.cart")} <Money minor={worth} />
      </h3>
      <p className="small soft">
        <When at={touched} as="both" />
      </p>
      <ul className="identities">
        {lines.map((line) => (
          <li key={line.product_id} className="row apart">
            <span className="grow">
              <Link to="/products/$productId" params={{ productId: line.product_id }}>
                {line.title ?? line.product_id}
              </Link>
            </span>
            <span className="soft nowrap">
              × <Count value={line.quantity} />
            </span>
            <Money minor={line.unit_price_minor} />
          </li>
        ))}
      </ul>
    </>
  );
}
