import { say } from "../../part/say";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Permission, Role } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { RoleName } from "../../part/role";
import { Asked, useErrorText } from "../../part/state";
import { PermissionField, PERMISSIONS } from "./permissions";

const NEW: Role = { name: "", permissions: ["customers.read", "orders.read"], built_in: false };

export function Roles() {
  const { t } = useTranslation();
  const roles = useApi("GET /roles");
  const [edited, setEdited] = useState<Role | null>(null);
  const [gone, setGone] = useState<Role | null>(null);
  const remove = useAct("DELETE /roles/{name}", ["GET /roles"]);
  const create = (
    <Guard may="staff.write">
      <Button onClick={() => setEdited(NEW)}>{t("roles.create")}</Button>
    </Guard>
  );
  return (
    <Section title={t("roles.title")} aside={create} note={t("roles.lead")}>
      <Asked query={roles} what={t("roles.title")}>
        {(data) => (
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{t("people.role")}</th>
                <th scope="col">{t("roles.may")}</th>
                <th scope="col">
                  <span className="unseen">{t("source.acts")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((role) => (
                <tr key={role.name}>
                  <td className="strong nowrap">
                    <RoleName name={role.name} />
                  </td>
                  <td>
                    <May permissions={role.permissions} />
                  </td>
                  <td className="right nowrap">
                    {!role.built_in && (
                      <Guard may="staff.write">
                        <Button type="link" size="small" onClick={() => setEdited(role)}>
                          {t("act.edit")}
                        </Button>
                        <Button type="link" size="small" danger onClick={() => setGone(role)}>
                          {t("act.delete")}
                        </Button>
                      </Guard>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Asked>
      <EditRole role={edited} close={() => setEdited(null)} />
      <ConfirmAct
        open={gone !== null}
        title={t("roles.delete")}
        verb={t("roles.delete")}
        danger
        what={t("roles.delete_what", { name: gone?.name })}
        onClose={() => setGone(null)}
        act={() => remove.mutateAsync({ path: { name: gone?.name ?? "" } })}
      />
    </Section>
  );
}

function May({ permissions }: { permissions: string[] }) {
  const { t } = useTranslation();
  if (permissions.length === PERMISSIONS.length) return <>{t("roles.all")}</>;
  const names = permissions.map((one) => t(`permission.${one.replace(".", "_")}`));
  return <span className="soft small">{names.join(t("roles.comma"))}</span>;
}

function EditRole({ role, close }: { role: Role | null; close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<{ name: string; permissions: Permission[] }>();
  const fresh = role?.name === "";
  const save = useAct("PUT /roles/{name}", ["GET /roles", "GET /session"], {
    onSuccess: close,
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <Modal
      open={role !== null}
      title={t(fresh ? "roles.create" : "roles.edit")}
      width={640}
      okText={t("act.save")}
      cancelText={t("act.cancel")}
      onCancel={close}
      destroyOnHidden
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      {role && (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ name: role.name, permissions: role.permissions }}
          preserve={false}
          onFinish={({ name, permissions }) =>
            save.mutate({
              path: { name: (name ?? role.name).trim() },
              body: { permissions },
            })
          }
        >
          <Form.Item
            name="name"
            label={t("roles.name")}
            rules={[{ required: true, whitespace: true, message: t("form.required") }]}
          >
            <Input disabled={!fresh} maxLength={40} />
          </Form.Item>
          <Form.Item name="permissions" label={t("roles.may")}>
            <PermissionField />
          </Form.Item>
        </Form>
      )}
    </Modal>
  );
}
