import { say } from "../../part/say";
import { Button, Form, Input, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role, Staff } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { ConfirmAct, Guard } from "../../part/confirm";
import { CopyBox } from "../../part/copy";
import { Section } from "../../part/page";
import { RoleName } from "../../part/role";
import { Asked, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useCan, useSession } from "../../session";
import { useUrl } from "../../url";
import { Roles } from "./roles";

type Person = Staff["people"][number];

/** Where somebody goes with what the server made for them. */
const linkTo = (token: string) => `${window.location.origin}/links/${encodeURIComponent(token)}`;

export function PeopleTab() {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const staff = useApi("GET /staff");
  const roles = useApi("GET /roles");
  const [link, setLink] = useState<string | null>(null);
  const invite = (
    <Guard may="staff.write">
      <Button type="primary" onClick={() => change({ new: "1" })}>
        {t("people.invite")}
      </Button>
    </Guard>
  );
  return (
    <>
      <Section title={t("people.title")} aside={invite}>
        <Asked query={staff} what={t("people.title")}>
          {(data) => <People people={data.people} roles={roles.data ?? []} showLink={setLink} />}
        </Asked>
      </Section>
      {(staff.data?.invites.length ?? 0) > 0 && (
        <Section title={t("people.invites")}>
          <Invites invites={staff.data?.invites ?? []} />
        </Section>
      )}
      <Roles />
      <Invite
        open={search.new === "1"}
        roles={roles.data ?? []}
        done={setLink}
        close={() => change({ new: undefined }, { replace: true })}
      />
      <Modal
        open={link !== null}
        title={t("people.link")}
        footer={null}
        destroyOnHidden
        onCancel={() => setLink(null)}
      >
        <div className="stack wide">
          <p>{t("people.link_how")}</p>
          <CopyBox text={link ?? ""} label={t("people.link")} />
        </div>
      </Modal>
    </>
  );
}

interface PeopleProps {
  people: Person[];
  roles: Role[];
  showLink: (link: string) => void;
}

function People({ people, roles, showLink }: PeopleProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { session } = useSession();
  const can = useCan();
  const [gone, setGone] = useState<Person | null>(null);
  const [lost, setLost] = useState<Person | null>(null);
  const change = useAct("PATCH /staff/{user_id}", ["GET /staff"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  const remove = useAct("DELETE /staff/{user_id}", ["GET /staff"]);
  const reset = useAct("POST /staff/{user_id}/reset");
  const options = roles.map((role) => ({
    value: role.name,
    label: role.built_in ? t(`role.${role.name}`) : role.name,
  }));
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("me.name")}</th>
            <th scope="col">{t("people.role")}</th>
            <th scope="col">{t("bar.second_factor")}</th>
            <th scope="col">{t("people.seen")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((one) => {
            const self = one.user_id === session.user.user_id;
            return (
              <tr key={one.user_id}>
                <td>
                  <span className="strong">{one.name}</span> {self && <Tag>{t("people.you")}</Tag>}
                  <div className="soft small">{one.email}</div>
                </td>
                <td>
                  {can("staff.write") && !self ? (
                    <Select
                      value={one.role}
                      options={options}
                      style={{ minWidth: 120 }}
                      aria-label={t("people.role_of", { name: one.name })}
                      onChange={(role) =>
                        change.mutate({
                          path: { user_id: one.user_id },
                          body: { role },
                        })
                      }
                    />
                  ) : (
                    <RoleName name={one.role} />
                  )}
                </td>
                <td>
                  {one.second_factor ? (
                    t("people.on")
                  ) : (
                    <span className="soft">{t("people.off")}</span>
                  )}
                </td>
                <td>
                  <When at={one.seen_at} as="ago" none={t("people.never")} />
                </td>
                <td className="right">
                  {can("staff.write") && !self && (
                    <>
                      <Button type="link" size="small" onClick={() => setLost(one)}>
                        {t("people.reset")}
                      </Button>
                      <Button type="link" size="small" danger onClick={() => setGone(one)}>
                        {t("people.remove")}
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <ConfirmAct
        open={gone !== null}
        title={t("people.remove")}
        verb={t("people.remove")}
        danger
        what={t("people.remove_what", { name: gone?.name })}
        onClose={() => setGone(null)}
        act={() => remove.mutateAsync({ path: { user_id: gone?.user_id ?? "" } })}
      />
      <ConfirmAct
        open={lost !== null}
        title={t("people.reset")}
        verb={t("people.reset_go")}
        what={t("people.reset_what", { name: lost?.name })}
        onClose={() => setLost(null)}
        act={async () => {
          const made = await reset.mutateAsync({ path: { user_id: lost?.user_id ?? "" } });
          showLink(linkTo(made.token));
        }}
      />
    </div>
  );
}

function Invites({ invites }: { invites: Staff["invites"] }) {
  const { t } = useTranslation();
  const cancel = useAct("DELETE /staff/invites/{invite_id}", ["GET /staff"]);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t("sign_in.email")}</th>
          <th scope="col">{t("people.role")}</th>
          <th scope="col">{t("people.expires")}</th>
          <th scope="col">
            <span className="unseen">{t("source.acts")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {invites.map((one) => (
          <tr key={one.invite_id}>
            <td>{one.email}</td>
            <td>
              <RoleName name={one.role} />
            </td>
            <td>
              <When at={one.expires_at} as="both" />
            </td>
            <td className="right">
              <Guard may="staff.write">
                <Button
                  type="link"
                  size="small"
                  loading={cancel.isPending}
                  onClick={() => cancel.mutate({ path: { invite_id: one.invite_id } })}
                >
                  {t("people.withdraw")}
                </Button>
              </Guard>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface InviteProps {
  open: boolean;
  roles: Role[];
  close: () => void;
  done: (link: string) => void;
}

function Invite({ open, roles, close, done }: InviteProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<{ email: string; role: string }>();
  const invite = useAct("POST /staff/invites", ["GET /staff"], {
    onSuccess: ({ token }) => {
      close();
      done(linkTo(token));
    },
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <Modal
      open={open}
      title={t("people.invite")}
      okText={t("people.invite_go")}
      onCancel={close}
      cancelText={t("act.cancel")}
      confirmLoading={invite.isPending}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        initialValues={{ role: "operator" }}
        onFinish={(body) => invite.mutate({ body })}
      >
        <Form.Item
          name="email"
          label={t("sign_in.email")}
          rules={[{ required: true, type: "email", message: t("form.email") }]}
        >
          <Input type="email" autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t("people.role")}>
          <Select
            options={roles.map((role) => ({
              value: role.name,
              label: role.built_in ? t(`role.${role.name}`) : role.name,
            }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
