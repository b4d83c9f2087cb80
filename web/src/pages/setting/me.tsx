import { say } from "../../part/say";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SeatInfo } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { useLook } from "../../look";
import { ConfirmAct } from "../../part/confirm";
import { LanguageField, NameField, PasswordField } from "../../part/fields";
import { Section } from "../../part/page";
import { Asked, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useSession } from "../../session";
import { SecondFactor } from "./second-factor";

export function MeTab() {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t("bar.profile")} id="profile">
        <Profile />
      </Section>
      <Section title={t("me.password")}>
        <Password />
      </Section>
      <Section title={t("bar.second_factor")} id="second-factor" note={t("factor.why")}>
        <SecondFactor />
      </Section>
      <Section title={t("bar.sessions")} id="sessions" note={t("me.sessions_how")}>
        <Seats />
      </Section>
    </>
  );
}

function Profile() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { session } = useSession();
  const { setLang } = useLook();
  const save = useAct("PATCH /me", ["GET /session"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      className="narrow"
      initialValues={session.user}
      onFinish={({ name, language }: { name: string; language?: string }) => {
        save.mutate({ body: { name, ...(language ? { language } : {}) } });
        if (language) setLang(language === "en" ? "en" : "zh");
      }}
    >
      <NameField label={t("me.name")} />
      <Form.Item label={t("sign_in.email")}>
        <span>{session.user.email}</span>
      </Form.Item>
      <LanguageField label={t("bar.language")} />
      <Button htmlType="submit" loading={save.isPending}>
        {t("act.save")}
      </Button>
    </Form>
  );
}

function Password() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<{ current: string; new: string }>();
  const save = useAct("PUT /me/password", ["GET /sessions"], {
    onSuccess: () => {
      form.resetFields();
      say.success(t("me.password_changed"));
    },
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      className="narrow"
      onFinish={(body) => save.mutate({ body })}
    >
      <Form.Item
        name="current"
        label={t("me.password_current")}
        rules={[{ required: true, message: t("form.password") }]}
      >
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <PasswordField name="new" label={t("link.password")} />
      <Button htmlType="submit" loading={save.isPending}>
        {t("me.password_change")}
      </Button>
    </Form>
  );
}

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/MicroMessenger/, "WeChat"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS X/, "macOS"],
  [/Windows/, "Windows"],
  [/Linux/, "Linux"],
];

/** A browser's long name, as people say it. */
export function agentName(agent: string): string {
  const find = (names: [RegExp, string][]) => names.find(([sign]) => sign.test(agent))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(" · ") || agent.slice(0, 40);
}

function Seats() {
  const { t } = useTranslation();
  const seats = useApi("GET /sessions");
  const end = useAct("DELETE /sessions/{session_id}", ["GET /sessions"]);
  const endAll = useAct("DELETE /sessions", ["GET /sessions"]);
  const [asking, setAsking] = useState(false);
  return (
    <Asked query={seats} what={t("bar.sessions")}>
      {(data) => (
        <>
          <SeatTable seats={data} end={(id) => end.mutate({ path: { session_id: id } })} />
          {data.length > 1 && (
            <Button style={{ marginTop: 16 }} onClick={() => setAsking(true)}>
              {t("me.end_others")}
            </Button>
          )}
          <ConfirmAct
            open={asking}
            title={t("me.end_others")}
            verb={t("me.end_others")}
            what={t("me.end_others_what", { count: data.length - 1 })}
            onClose={() => setAsking(false)}
            act={() => endAll.mutateAsync({})}
          />
        </>
      )}
    </Asked>
  );
}

function SeatTable({ seats, end }: { seats: SeatInfo[]; end: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className="plain-table" style={{ maxWidth: 800 }}>
      <thead>
        <tr>
          <th scope="col">{t("me.device")}</th>
          <th scope="col">{t("audit.address")}</th>
          <th scope="col">{t("people.seen")}</th>
          <th scope="col">{t("me.since")}</th>
          <th scope="col">
            <span className="unseen">{t("source.acts")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {seats.map((one) => (
          <tr key={one.session_id}>
            <td title={one.agent}>{agentName(one.agent)}</td>
            <td>{one.address}</td>
            <td>{one.current ? t("me.this_device") : <When at={one.seen_at} as="ago" />}</td>
            <td>
              <When at={one.created_at} />
            </td>
            <td className="right">
              {!one.current && (
                <Button type="link" size="small" onClick={() => end(one.session_id)}>
                  {t("bar.sign_out")}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
