import { say } from "../../part/say";
import { Button, Form, Input, QRCode } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveBlob } from "../../api/client";
import { useAct } from "../../api/hooks";
import { CopyBox } from "../../part/copy";
import { FormError, useErrorText } from "../../part/state";
import { useSession } from "../../session";

export function SecondFactor() {
  const { session } = useSession();
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <Codes codes={codes} done={() => setCodes(null)} />;
  return session.user.second_factor ? <TurnOff /> : <TurnOn done={setCodes} />;
}

function TurnOn({ done }: { done: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const begin = useAct("POST /me/second-factor");
  const confirm = useAct("PUT /me/second-factor", ["GET /session"], {
    onSuccess: ({ recovery_codes: codes }) => done(codes),
  });
  if (!begin.data) {
    return (
      <Form
        layout="vertical"
        requiredMark={false}
        className="narrow"
        onFinish={(body: { password: string }) => begin.mutate({ body })}
      >
        {begin.error && <FormError error={begin.error} />}
        <Form.Item
          name="password"
          label={t("factor.on_password")}
          rules={[{ required: true, message: t("form.password") }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button htmlType="submit" loading={begin.isPending}>
          {t("factor.on")}
        </Button>
      </Form>
    );
  }
  return (
    <div className="stack wide narrow">
      <p>{t("factor.scan")}</p>
      <div aria-hidden="true">
        <QRCode value={begin.data.uri} type="svg" color="#1C1E21" bgColor="#FFFFFF" />
      </div>
      <p className="soft">{t("factor.by_hand")}</p>
      <CopyBox text={begin.data.secret} label={t("factor.secret")} />
      <Form
        layout="vertical"
        requiredMark={false}
        onFinish={({ code }: { code: string }) => confirm.mutate({ body: { code: code.trim() } })}
      >
        {confirm.error && <FormError error={confirm.error} />}
        <Form.Item
          name="code"
          label={t("factor.code")}
          rules={[{ required: true, message: t("form.code") }]}
        >
          <Input inputMode="numeric" autoComplete="one-time-code" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>
          {t("factor.confirm")}
        </Button>
      </Form>
    </div>
  );
}

function Codes({ codes, done }: { codes: string[]; done: () => void }) {
  const { t } = useTranslation();
  const text = codes.join("\n");
  return (
    <div className="stack wide narrow">
      <p className="strong">{t("factor.codes")}</p>
      <p>{t("factor.codes_how")}</p>
      <ul className="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row">
        <Button
          onClick={() => saveBlob(new Blob([text], { type: "text/plain" }), "recovery-codes.txt")}
        >
          {t("factor.codes_save")}
        </Button>
        <Button type="primary" onClick={done}>
          {t("factor.codes_done")}
        </Button>
      </div>
    </div>
  );
}

function TurnOff() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [asking, setAsking] = useState(false);
  const off = useAct("DELETE /me/second-factor", ["GET /session"], {
    onSuccess: () => say.success(t("factor.is_off")),
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <div className="stack narrow" style={{ alignItems: "flex-start" }}>
      <p>{t("factor.is_on")}</p>
      {!asking && <Button onClick={() => setAsking(true)}>{t("factor.off")}</Button>}
      {asking && (
        <Form
          layout="vertical"
          requiredMark={false}
          style={{ width: "100%" }}
          onFinish={(body: { password: string }) => off.mutate({ body })}
        >
          <Form.Item
            name="password"
            label={t("factor.off_password")}
            rules={[{ required: true, message: t("form.password") }]}
          >
            <Input.Password autoComplete="current-password" autoFocus />
          </Form.Item>
          <Button danger htmlType="submit" loading={off.isPending}>
            {t("factor.off")}
          </Button>
        </Form>
      )}
    </div>
  );
}
