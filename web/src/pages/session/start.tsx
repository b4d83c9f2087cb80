import { useNavigate } from "@tanstack/react-router";
import { Button, Form, Input, Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { NewShop } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useLook } from "../../look";
import { remember } from "../../memory";
import { useDemo } from "../../part/demo";
import {
  CurrencyField,
  LanguageField,
  NameField,
  PasswordField,
  ZoneField,
} from "../../part/fields";
import { ErrorBox, RowsSkeleton, useErrorText } from "../../part/state";
import { beginSession } from "../../session";
import { Entrance } from "./entrance";

interface Owner {
  email: string;
  name: string;
  password: string;
}

/** The first start: a token, the owner, the first shop, and a way on. */
export function StartPage() {
  const { t } = useTranslation();
  const start = useApi("GET /start");
  const navigate = useNavigate();
  const [step, setStep] = useState(0);
  const [token, setToken] = useState(() => window.location.hash.slice(1));
  const [owner, setOwner] = useState<Owner | null>(null);
  const done = step === 3;
  useEffect(() => {
    if (start.data && !start.data.needed && !done) void navigate({ to: "/sign-in" });
  }, [start.data, done, navigate]);

  const frame = { title: t("start.title"), lead: t("start.lead"), wide: true };
  if (start.error) {
    return (
      <Entrance {...frame}>
        <ErrorBox error={start.error} again={() => void start.refetch()} />
      </Entrance>
    );
  }
  if (!start.data)
    return (
      <Entrance {...frame}>
        <RowsSkeleton rows={4} />
      </Entrance>
    );
  const names = ["token", "owner", "shop", "data"];
  return (
    <Entrance {...frame}>
      <Steps
        size="small"
        current={step}
        responsive={false}
        items={names.map((name) => ({ title: t(`start.step_${name}`) }))}
      />
      {step === 0 && (
        <TokenStep
          given={token}
          next={(text) => {
            setToken(text);
            setStep(1);
          }}
        />
      )}
      {step === 1 && (
        <OwnerStep
          given={owner}
          back={() => setStep(0)}
          next={(given) => {
            setOwner(given);
            setStep(2);
          }}
        />
      )}
      {step === 2 && owner && (
        <ShopStep token={token} owner={owner} back={() => setStep(1)} next={() => setStep(3)} />
      )}
      {done && <Ways />}
    </Entrance>
  );
}

function TokenStep({ given, next }: { given: string; next: (token: string) => void }) {
  const { t } = useTranslation();
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      initialValues={{ token: given }}
      onFinish={({ token }: { token: string }) => next(token.trim())}
    >
      <Form.Item
        name="token"
        label={t("start.token")}
        extra={t("start.token_why")}
        rules={[{ required: true, whitespace: true, message: t("form.required") }]}
      >
        <Input autoFocus autoComplete="off" className="mono" />
      </Form.Item>
      <Button type="primary" htmlType="submit">
        {t("act.next")}
      </Button>
    </Form>
  );
}

interface OwnerStepProps {
  given: Owner | null;
  back: () => void;
  next: (owner: Owner) => void;
}

function OwnerStep({ given, back, next }: OwnerStepProps) {
  const { t } = useTranslation();
  return (
    <Form<Owner> layout="vertical" requiredMark={false} initialValues={given ?? {}} onFinish={next}>
      <p className="soft" style={{ marginBottom: 16 }}>
        {t("start.owner_why")}
      </p>
      <NameField label={t("me.name")} />
      <Form.Item
        name="email"
        label={t("sign_in.email")}
        rules={[{ required: true, type: "email", message: t("form.email") }]}
      >
        <Input type="email" autoComplete="username" />
      </Form.Item>
      <PasswordField label={t("sign_in.password")} />
      <div className="row">
        <Button onClick={back}>{t("act.back")}</Button>
        <Button type="primary" htmlType="submit">
          {t("act.next")}
        </Button>
      </div>
    </Form>
  );
}

interface ShopStepProps {
  token: string;
  owner: Owner;
  back: () => void;
  next: () => void;
}

function ShopStep({ token, owner, back, next }: ShopStepProps) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const chinese = lang === "zh";
  const first = {
    ...(chinese ? { currency: "CNY" } : {}),
    language: chinese ? "zh-CN" : "en",
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const submit = async (shop: NewShop) => {
    setBusy(true);
    setFailed("");
    try {
      const session = await api("POST /start", { body: { token, user: owner, shop } });
      // There may be shops already, which commands have made.
      const made = session.shops.find((one) => one.name === shop.name);
      if (made) remember("shop", made.shop_id);
      beginSession(session);
      next();
    } catch (error) {
      setFailed(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<NewShop> layout="vertical" requiredMark={false} initialValues={first} onFinish={submit}>
      {failed && (
        <p className="form-error" role="alert">
          {failed}
        </p>
      )}
      <NameField label={t("shop.name")} />
      <CurrencyField />
      <ZoneField />
      <LanguageField />
      <div className="row">
        <Button onClick={back}>{t("act.back")}</Button>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("start.create")}
        </Button>
      </div>
    </Form>
  );
}

function Ways() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const demo = useDemo();
  const ways = [
    { name: "import", go: () => void navigate({ to: "/imports/new" }) },
    { name: "demo", go: () => void demo() },
    { name: "source", go: () => void navigate({ to: "/sources", search: { new: "1" } }) },
    { name: "look", go: () => void navigate({ to: "/" }) },
  ];
  return (
    <div className="stack wide" style={{ marginTop: 24 }}>
      <p>{t("start.ready")}</p>
      {ways.map(({ name, go }) => (
        <button key={name} type="button" className="way" onClick={go}>
          <span className="strong">{t(`start.way_${name}`)}</span>
          <span className="soft">{t(`start.way_${name}_why`)}</span>
        </button>
      ))}
    </div>
  );
}
