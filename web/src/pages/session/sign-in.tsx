import { Navigate, useNavigate, useRouter } from "@tanstack/react-router";
import { Button, Divider, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "../../api/client";
import type { Session } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useErrorText } from "../../part/state";
import { isInside } from "../../search";
import { beginSession } from "../../session";
import { useUrl } from "../../url";
import { Entrance } from "./entrance";

interface Given {
  email: string;
  password: string;
}

/** Goes to where somebody was before; only ever to a page of this console. */
function useEnter() {
  const [search] = useUrl();
  const navigate = useNavigate();
  const router = useRouter();
  return (session: Session) => {
    beginSession(session);
    const back = search.back;
    if (back && isInside(back)) router.history.push(back);
    else void navigate({ to: "/" });
  };
}

export function SignIn() {
  const { t } = useTranslation();
  const start = useApi("GET /start");
  const enter = useEnter();
  const [given, setGiven] = useState<Given | null>(null);
  if (start.data?.needed) return <Navigate to="/start" />;
  if (given) return <CodeForm given={given} enter={enter} back={() => setGiven(null)} />;
  return (
    <Entrance title={t("sign_in.title")} lead={t("sign_in.lead")}>
      <PasswordForm enter={enter} ask={setGiven} />
      {start.data?.oidc && <Provider name={start.data.oidc} />}
      <p className="soft small forgot">{t("sign_in.forgot")}</p>
    </Entrance>
  );
}

/** What came of a try with the provider. */
const FAILED = ["unknown", "strayed", "silent", "refused", "broken"];

/** Another way in: whoever the shop's people are known to already vouches for them. */
function Provider({ name }: { name: string }) {
  const { t } = useTranslation();
  const [search] = useUrl();
  const { failed, back } = search;
  const to = back && isInside(back) ? `?back=${encodeURIComponent(back)}` : "";
  return (
    <>
      <Divider plain>{t("sign_in.or")}</Divider>
      {failed && FAILED.includes(failed) && (
        <p className="form-error" role="alert">
          {t(`sign_in.failed_${failed}`, { name })}
        </p>
      )}
      <Button block size="large" href={`/api/v1/oidc${to}`}>
        {t("sign_in.with", { name })}
      </Button>
    </>
  );
}

interface PasswordFormProps {
  enter: (session: Session) => void;
  ask: (given: Given) => void;
}

function PasswordForm({ enter, ask }: PasswordFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const submit = async (given: Given) => {
    setBusy(true);
    setFailed("");
    try {
      enter(await api("POST /session", { body: given }));
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "";
      if (code === "second_factor") ask(given);
      else setFailed(code === "unauthorized" ? t("sign_in.wrong") : errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Given> layout="vertical" onFinish={submit} requiredMark={false}>
      {failed && (
        <p className="form-error" role="alert">
          {failed}
        </p>
      )}
      <Form.Item
        name="email"
        label={t("sign_in.email")}
        rules={[{ required: true, type: "email", message: t("form.email") }]}
      >
        <Input type="email" autoComplete="username" autoFocus size="large" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("sign_in.password")}
        rules={[{ required: true, message: t("form.password") }]}
      >
        <Input.Password autoComplete="current-password" size="large" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block size="large" loading={busy}>
        {t("sign_in.go")}
      </Button>
    </Form>
  );
}

interface CodeFormProps {
  given: Given;
  enter: (session: Session) => void;
  back: () => void;
}

function CodeForm({ given, enter, back }: CodeFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const submit = async ({ code }: { code: string }) => {
    setBusy(true);
    setFailed("");
    try {
      enter(await api("POST /session", { body: { ...given, code: code.trim() } }));
    } catch (error) {
      const wrong = error instanceof ApiError && error.status === 401;
      setFailed(wrong ? t("sign_in.code_wrong") : errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Entrance title={t("sign_in.code_title")} lead={t("sign_in.code_lead")}>
      <Form layout="vertical" onFinish={submit} requiredMark={false}>
        {failed && (
          <p className="form-error" role="alert">
            {failed}
          </p>
        )}
        <Form.Item
          name="code"
          label={t("sign_in.code")}
          rules={[{ required: true, message: t("form.code") }]}
        >
          <Input autoFocus size="large" autoComplete="one-time-code" inputMode="numeric" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block size="large" loading={busy}>
          {t("sign_in.go")}
        </Button>
        <Button type="link" block onClick={back}>
          {t("sign_in.other")}
        </Button>
      </Form>
    </Entrance>
  );
}
