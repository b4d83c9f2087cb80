import { say } from "./say";
import { Input, Modal } from "antd";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Permission } from "../api/shape";
import { useCan } from "../session";
import { useErrorText } from "./state";

interface ConfirmActProps {
  open: boolean;
  title: string;
  /** Exactly what will happen. */
  what: ReactNode;
  /** The button's words: a verb with its object. */
  verb: string;
  danger?: boolean;
  /** Has to be typed before the button works. */
  typed?: string;
  /** Asks for a reason and hands it over. */
  reason?: string;
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** Says what an act will do, and does it when somebody says so. */
export function ConfirmAct(props: ConfirmActProps) {
  const { open, title, what, verb, danger, typed, reason, act, onClose } = props;
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState("");
  const [why, setWhy] = useState("");
  const ready = (!typed || text.trim() === typed) && (!reason || why.trim().length > 0);

  const close = () => {
    setText("");
    setWhy("");
    onClose();
  };
  const go = async () => {
    setBusy(true);
    try {
      await act(why.trim());
      close();
    } catch (error) {
      say.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      open={open}
      title={title}
      onCancel={close}
      onOk={() => void go()}
      okText={verb}
      okButtonProps={{ danger: Boolean(danger), disabled: !ready }}
      confirmLoading={busy}
      cancelText={t("act.cancel")}
      destroyOnHidden
    >
      <div className="stack wide">
        <div>{what}</div>
        {reason && (
          <label className="stack">
            <span>{reason}</span>
            <Input.TextArea
              value={why}
              onChange={(e) => setWhy(e.target.value)}
              rows={2}
              maxLength={200}
            />
          </label>
        )}
        {typed && (
          <label className="stack">
            <span>{t("act.type_to_confirm", { text: typed })}</span>
            <Input value={text} onChange={(e) => setText(e.target.value)} autoComplete="off" />
          </label>
        )}
      </div>
    </Modal>
  );
}

/** Shows its children to those who may; nothing, or `other`, to the rest. */
export function Guard(props: { may: Permission; other?: ReactNode; children: ReactNode }) {
  const can = useCan();
  return <>{can(props.may) ? props.children : props.other}</>;
}
