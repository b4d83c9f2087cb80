import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, Personal } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { FormError } from "../../part/state";

interface RevealProps {
  one: Customer;
  open: boolean;
  close: () => void;
  done: (values: Personal) => void;
}

/** Shows personal values to who may see them and says why. */
export function Reveal({ one, open, close, done }: RevealProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const reveal = useAct("POST /customers/{customer_id}/reveal", [], {
    onSuccess: (values) => {
      done(values);
      setReason("");
      close();
    },
  });
  const path = { customer_id: one.customer_id };
  return (
    <Modal
      open={open}
      title={t("reveal.title")}
      okText={t("reveal.go")}
      cancelText={t("act.cancel")}
      okButtonProps={{ disabled: reason.trim().length === 0 }}
      confirmLoading={reveal.isPending}
      onCancel={close}
      destroyOnHidden
      onOk={() => reveal.mutate({ path, body: { reason: reason.trim() } })}
    >
      <div className="stack wide">
        <p>{t("reveal.what")}</p>
        {reveal.error && <FormError error={reveal.error} />}
        <label className="stack">
          <span>{t("reveal.reason")}</span>
          <Input
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={200}
            placeholder={t("reveal.reason_hint")}
          />
        </label>
      </div>
    </Modal>
  );
}
