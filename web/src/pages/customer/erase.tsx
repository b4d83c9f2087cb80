import { Button, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveBlob } from "../../api/client";
import type { Certificate, Customer } from "../../api/shape";
import { queryClient, useAct } from "../../api/hooks";
import { ConfirmAct } from "../../part/confirm";
import { customerTitle } from "./columns";

interface EraseProps {
  one: Customer;
  open: boolean;
  close: () => void;
  done: () => void;
}

export function Erase({ one, open, close, done }: EraseProps) {
  const { t } = useTranslation();
  const [certificate, setCertificate] = useState<Certificate | null>(null);
  const id = one.customer_id;
  const erase = useAct("POST /customers/{customer_id}/erase");
  const go = async (reason: string) => {
    const answer = await erase.mutateAsync({
      path: { customer_id: id },
      body: { reason, confirm: id },
    });
    setCertificate(answer);
  };
  const leave = () => {
    setCertificate(null);
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "GET /session" });
    done();
  };
  return (
    <>
      <ConfirmAct
        open={open}
        title={t("erase.title")}
        verb={t("erase.go")}
        danger
        typed={id}
        reason={t("erase.reason")}
        act={go}
        onClose={close}
        what={
          <div className="stack">
            <p>{t("erase.what", { name: customerTitle(one) })}</p>
            <p>{t("erase.stays")}</p>
            <p className="danger">{t("erase.final")}</p>
          </div>
        }
      />
      <Done certificate={certificate} close={leave} />
    </>
  );
}

function Done({ certificate, close }: { certificate: Certificate | null; close: () => void }) {
  const { t } = useTranslation();
  const save = () => {
    const text = JSON.stringify(certificate, null, 2);
    const name = `erased-${certificate?.customer_id ?? ""}.json`;
    saveBlob(new Blob([text], { type: "application/json" }), name);
  };
  return (
    <Modal
      open={certificate !== null}
      title={t("erase.done")}
      onCancel={close}
      footer={
        <>
          <Button onClick={close}>{t("act.close")}</Button>
          <Button type="primary" onClick={save}>
            {t("erase.certificate")}
          </Button>
        </>
      }
    >
      <p>{t("erase.done_what")}</p>
    </Modal>
  );
}
