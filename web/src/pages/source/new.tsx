import { say } from "../../part/say";
import { Form, Modal } from "antd";
import { useTranslation } from "react-i18next";
import type { Source } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { NameField } from "../../part/fields";
import { useErrorText } from "../../part/state";

interface NewSourceProps {
  open: boolean;
  close: () => void;
  done: (source: Source) => void;
}

export function NewSource({ open, close, done }: NewSourceProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<{ name: string }>();
  const create = useAct("POST /sources", ["GET /sources"], {
    onSuccess: (source) => {
      close();
      done(source);
    },
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <Modal
      open={open}
      title={t("source.create")}
      okText={t("source.create")}
      onCancel={close}
      cancelText={t("act.cancel")}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <p className="soft" style={{ marginBottom: 16 }}>
        {t("source.create_what")}
      </p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        onFinish={({ name }) => create.mutate({ body: { name: name.trim() } })}
      >
        <NameField label={t("source.name_hint")} />
      </Form>
    </Modal>
  );
}
