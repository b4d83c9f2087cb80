import { Button, Input, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/hooks";
import type { CheckoutRow } from "../../../api/shape";
import { Asked, Empty, RowsSkeleton } from "../../../part/state";
import { Money, When } from "../../../part/value";
import { Checkout } from "./one";

/** Checkouts that are listed. */
const LISTED = 50;

/** What orders hold, use and gave back, the latest first. */
export function CheckoutPart() {
  const { t } = useTranslation();
  const [order, setOrder] = useState("");
  const checkouts = useApi("GET /checkouts", { query: { limit: LISTED, order } }, { keep: true });
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section aria-label={t("promotion.tab.checkout")} className="stack wide">
      <p className="soft prose">{t("checkout.lead")}</p>
      <Input.Search
        style={{ maxWidth: 320 }}
        aria-label={t("checkout.order")}
        placeholder={t("checkout.order_how")}
        allowClear
        maxLength={100}
        onSearch={(text) => setOrder(text.trim())}
      />
      <Asked
        query={checkouts}
        what={t("promotion.tab.checkout")}
        skeleton={<RowsSkeleton rows={4} />}
      >
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              title={t(order ? "checkout.none" : "checkout.empty")}
              why={t(order ? "checkout.none_why" : "checkout.empty_why")}
            />
          ) : (
            <Rows all={data} look={setOpen} />
          )
        }
      </Asked>
      {open && <Checkout id={open} close={() => setOpen(null)} />}
    </section>
  );
}

function Rows({ all, look }: { all: CheckoutRow[]; look: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("checkout.one")}</th>
            <th scope="col">{t("checkout.order")}</th>
            <th scope="col" className="right">
              {t("quote.pay")}
            </th>
            <th scope="col">{t("checkout.at")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.checkout_id}>
              <td>
                #{one.checkout_id} <Tag>{t(`checkout.state.${one.state}`)}</Tag>
              </td>
              <td>{one.order || "–"}</td>
              <td className="right">
                <Money minor={one.pay_minor} />
              </td>
              <td>
                <When at={one.redeemed_at ?? one.at} as="minute" />
              </td>
              <td className="right">
                <Button type="link" size="small" onClick={() => look(one.checkout_id)}>
                  {t("checkout.look")}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
