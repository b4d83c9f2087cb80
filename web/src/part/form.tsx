import { Modal } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { say } from "./say";
import { useErrorText } from "./state";

interface FormModalProps {
  title: string;
  /** Whether it can be saved as it is. */
  ready: boolean;
  busy: boolean;
  save: () => void;
  close: () => void;
  children: ReactNode;
}

/** A short form in front of the page. */
export function FormModal({ title, ready, busy, save, close, children }: FormModalProps) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={title}
      okText={t("act.save")}
      okButtonProps={{ disabled: !ready }}
      confirmLoading={busy}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">{children}</div>
    </Modal>
  );
}

/** What follows when a form was saved, or was not. */
export function useSaved(close: () => void) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return {
    onSuccess: () => {
      say.success(t("act.saved"));
      close();
    },
    onError: (error: Error) => say.error(errorText(error)),
  };
}
