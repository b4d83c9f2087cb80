import { Button, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_CHECKOUTS, useAct, useApi } from "../../../api/hooks";
import type { CheckoutShown } from "../../../api/shape";
import { ConfirmAct, Guard } from "../../../part/confirm";
import { Asked, RowsSkeleton } from "../../../part/state";
import { When } from "../../../part/value";
import { Answer } from "../quote/answer";
import { Refund } from "./refund";

/** A checkout: what it is about, and what can be done with it. */
export function Checkout({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const path = { checkout_id: id };
  const checkout = useApi("GET /checkouts/{checkout_id}", { path });
  return (
    <Modal
      open
      width={760}
      title={t("checkout.title", { id })}
      footer={null}
      onCancel={close}
      destroyOnHidden
    >
      <Asked query={checkout} what={t("checkout.one")} skeleton={<RowsSkeleton rows={6} />}>
        {(own) => (
          <div className="stack wide">
            <Standing own={own} />
            {own.state === "redeemed" && (
              <Guard may="benefits.write">
                <Refund key={own.returned.join()} own={own} />
              </Guard>
            )}
            <Answer quote={own.quote} />
          </div>
        )}
      </Asked>
    </Modal>
  );
}

function Standing({ own }: { own: CheckoutShown }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [once] = useState(() => crypto.randomUUID());
  const free = useAct("POST /checkouts/{checkout_id}/rollback", OF_CHECKOUTS);
  const path = { checkout_id: own.checkout_id };
  return (
    <div className="row apart">
      <span>
        {t(`checkout.state_text.${own.state}`)}
        {own.state === "locked" && (
          <>
            {t("checkout.until")} <When at={own.until} as="minute" />
          </>
        )}
        {own.order && <span className="soft"> · {t("coupon.of_order", { order: own.order })}</span>}
      </span>
      {own.state === "locked" && (
        <Guard may="benefits.write">
          <Button danger size="small" onClick={() => setAsking(true)}>
            {t("checkout.free")}
          </Button>
        </Guard>
      )}
      <ConfirmAct
        open={asking}
        title={t("checkout.free")}
        what={t("checkout.free_what")}
        verb={t("checkout.free")}
        danger
        act={() => free.mutateAsync({ path, once })}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
