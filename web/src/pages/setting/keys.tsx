import { say } from "../../part/say";
import { Button, Form, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiKey, Permission } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { ConfirmAct, Guard } from "../../part/confirm";
import { CopyBox } from "../../part/copy";
import { NameField } from "../../part/fields";
import { Section } from "../../part/page";
import { Asked, Empty, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useUrl } from "../../url";
import { PermissionField } from "./permissions";

const LIVES = ["30", "90", "365", "never"] as const;
const DAY_MS = 86_400_000;
const SCOPES: Permission[] = [
  "customers.read",
  "customers.edit",
  "orders.read",
  "products.read",
  "events.read",
  "rfm.read",
  "kpi.read",
  "imports.read",
  "imports.write",
  "query.run",
  "exports.run",
];

export function KeysTab() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const keys = useApi("GET /keys");
  const [secret, setSecret] = useState<string | null>(null);
  const create = (
    <Guard may="keys.write">
      <Button type="primary" onClick={() => change({ new: "1" })}>
        {t("keys.create")}
      </Button>
    </Guard>
  );
  return (
    <Section title={t("setting.keys")} aside={create} note={t("keys.lead")}>
      <Asked query={keys} what={t("setting.keys")}>
        {(data) =>
          data.length === 0 ? (
            <Empty title={t("keys.none")} why={t("keys.none_why")} />
          ) : (
            <KeyTable keys={data} show={setSecret} />
          )
        }
      </Asked>
      <NewKey
        open={search.new === "1"}
        done={setSecret}
        close={() => change({ new: undefined }, { replace: true })}
      />
      <Modal
        open={secret !== null}
        title={t("keys.secret")}
        footer={null}
        destroyOnHidden
        onCancel={() => setSecret(null)}
        mask={{ closable: false }}
      >
        <div className="stack wide">
          <p>{t("keys.secret_how")}</p>
          <CopyBox text={secret ?? ""} label={t("keys.secret")} />
        </div>
      </Modal>
    </Section>
  );
}

function KeyTable({ keys, show }: { keys: ApiKey[]; show: (secret: string) => void }) {
  const { t } = useTranslation();
  const [act, setAct] = useState<{ key: ApiKey; what: "rotate" | "revoke" } | null>(null);
  const rotate = useAct("POST /keys/{key_id}/rotate", ["GET /keys"]);
  const revoke = useAct("DELETE /keys/{key_id}", ["GET /keys"]);
  const path = { key_id: act?.key.key_id ?? "" };
  const close = () => setAct(null);
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("source.name")}</th>
            <th scope="col">{t("keys.scopes")}</th>
            <th scope="col">{t("keys.expires")}</th>
            <th scope="col">{t("keys.used")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.key_id}>
              <td className="strong">{key.name}</td>
              <td className="small soft">
                {key.permissions
                  .map((one) => t(`permission.${one.replace(".", "_")}`))
                  .join(t("roles.comma"))}
              </td>
              <td>
                <When at={key.expires_at} as="both" none={t("keys.life_never")} />
              </td>
              <td>
                <When at={key.used_at} as="ago" none={t("people.never")} />
              </td>
              <td className="right nowrap">
                <Guard may="keys.write">
                  <Button type="link" size="small" onClick={() => setAct({ key, what: "rotate" })}>
                    {t("keys.rotate")}
                  </Button>
                  <Button
                    type="link"
                    size="small"
                    danger
                    onClick={() => setAct({ key, what: "revoke" })}
                  >
                    {t("keys.revoke")}
                  </Button>
                </Guard>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmAct
        open={act?.what === "rotate"}
        title={t("keys.rotate")}
        verb={t("keys.rotate")}
        what={t("keys.rotate_what", { name: act?.key.name })}
        onClose={close}
        act={async () => show((await rotate.mutateAsync({ path })).secret)}
      />
      <ConfirmAct
        open={act?.what === "revoke"}
        title={t("keys.revoke")}
        verb={t("keys.revoke")}
        danger
        what={t("keys.revoke_what", { name: act?.key.name })}
        onClose={close}
        act={() => revoke.mutateAsync({ path })}
      />
    </div>
  );
}

interface NewKeyProps {
  open: boolean;
  close: () => void;
  done: (secret: string) => void;
}

interface Wanted {
  name: string;
  scopes: Permission[];
  life: (typeof LIVES)[number];
}

function NewKey({ open, close, done }: NewKeyProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<Wanted>();
  const create = useAct("POST /keys", ["GET /keys"], {
    onSuccess: ({ secret }) => {
      close();
      done(secret);
    },
    onError: (error) => say.error(errorText(error)),
  });
  const submit = ({ name, scopes, life }: Wanted) => {
    const expires = life === "never" ? null : new Date(Date.now() + Number(life) * DAY_MS);
    create.mutate({
      body: { name: name.trim(), permissions: scopes, expires_at: expires?.toISOString() ?? null },
    });
  };
  return (
    <Modal
      open={open}
      title={t("keys.create")}
      okText={t("keys.create")}
      onCancel={close}
      width={640}
      cancelText={t("act.cancel")}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        onFinish={submit}
        initialValues={{ scopes: ["customers.read"], life: "90" }}
      >
        <NameField label={t("keys.name")} />
        <Form.Item
          name="scopes"
          label={t("keys.scopes")}
          rules={[{ required: true, type: "array", min: 1, message: t("form.required") }]}
        >
          <PermissionField among={SCOPES} />
        </Form.Item>
        <Form.Item name="life" label={t("keys.expires")}>
          <Select
            options={LIVES.map((value) => ({
              value,
              label:
                value === "never" ? t("keys.life_never") : t("keys.life", { count: Number(value) }),
            }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
