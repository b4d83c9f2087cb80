import { useNavigate, useParams } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "../../api/client";
import type { LinkInfo } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useLook } from "../../look";
import { NameField, PasswordField } from "../../part/fields";
import { RoleName } from "../../part/role";
import { ErrorBox, RowsSkeleton, useErrorText } from "../../part/state";
import { beginSession } from "../../session";
import { Entrance } from "./entrance";

/** Where a link for an invitation or a new password leads. */
export function LinkPage() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false });
  const path = { token: token ?? "" };
  const info = useApi("GET /links/{token}", { path }, { retry: false });
  if (info.error) {
    return (
      <Entrance title={t("link.dead")} lead={t("link.dead_why")}>
        <div style={{ marginTop: 24 }}>
          <ErrorBox error={info.error} />
        </div>
      </Entrance>
    );
  }
  if (!info.data)
    return (
      <Entrance title={t("app.loading")}>
        <RowsSkeleton rows={4} />
      </Entrance>
    );
  return <LinkForm info={info.data} path={path} />;
}

interface Given {
  name?: string;
  password: string;
  code?: string;
}

function LinkForm({ info, path }: { info: LinkInfo; path: { token: string } }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const [coded, setCoded] = useState(false);
  const invited = info.kind === "invite";
  const joins = invited && info.known;
  const submit = async ({ name, password, code }: Given) => {
    setBusy(true);
    setFailed("");
    const more = { ...(name ? { name } : {}), ...(code ? { code: code.trim() } : {}) };
    const language = lang === "zh" ? "zh-CN" : "en";
    try {
      beginSession(
        await api("POST /links/{token}", { path, body: { password, language, ...more } }),
      );
      await navigate({ to: "/" });
    } catch (error) {
      const refused = error instanceof ApiError ? error.code : "";
      if (refused === "second_factor") setCoded(true);
      setFailed(joins && refused === "unauthorized" ? t("sign_in.wrong") : errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const title = invited ? t("link.invite", { shop: info.shop ?? t("app.name") }) : t("link.reset");
  const lead = invited && info.role && (
    <>
      {t("link.role")} <RoleName name={info.role} />
    </>
  );
  return (
    <Entrance title={title} lead={lead}>
      <Form<Given> layout="vertical" requiredMark={false} onFinish={submit}>
        {failed && (
          <p className="form-error" role="alert">
            {failed}
          </p>
        )}
        <Form.Item label={t("sign_in.email")} htmlFor="link-email">
          <Input id="link-email" value={info.email} readOnly autoComplete="username" />
        </Form.Item>
        {invited && !info.known && <NameField label={t("me.name")} />}
        {joins ? (
          <Form.Item
            name="password"
            label={t("link.known_password")}
            rules={[{ required: true, message: t("form.password") }]}
          >
            <Input.Password autoComplete="current-password" />
          </Form.Item>
        ) : (
          <PasswordField label={t("link.password")} />
        )}
        {coded && (
          <Form.Item name="code" label={t("sign_in.code")}>
            <Input autoFocus autoComplete="one-time-code" inputMode="numeric" />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block loading={busy}>
          {t(invited ? "link.accept" : "link.set")}
        </Button>
      </Form>
    </Entrance>
  );
}
