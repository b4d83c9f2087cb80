import { Form, Input, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const PASSWORD_CHARS_MIN = 12;
const CURRENCIES = [
  "CNY",
  "USD",
  "EUR",
  "GBP",
  "JPY",
  "HKD",
  "TWD",
  "SGD",
  "AUD",
  "CAD",
  "BRL",
  "KRW",
  "THB",
  "MYR",
];

export function PasswordField({ name = "password", label }: { name?: string; label: string }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={name}
      label={label}
      extra={t("form.password_rule")}
      rules={[{ required: true, min: PASSWORD_CHARS_MIN, message: t("form.password_short") }]}
    >
      <Input.Password autoComplete="new-password" />
    </Form.Item>
  );
}

export function NameField({ label, name = "name" }: { label: string; name?: string | string[] }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={name}
      label={label}
      rules={[{ required: true, whitespace: true, message: t("form.required") }]}
    >
      <Input maxLength={80} />
    </Form.Item>
  );
}

function useZones() {
  return useMemo(() => Intl.supportedValuesOf("timeZone").map((value) => ({ value })), []);
}

export function ZoneField() {
  const { t } = useTranslation();
  const options = useZones();
  return (
    <Form.Item
      name="time_zone"
      label={t("shop.time_zone")}
      extra={t("shop.time_zone_why")}
      rules={[{ required: true, message: t("form.required") }]}
    >
      <Select showSearch options={options} />
    </Form.Item>
  );
}

export function CurrencyField() {
  const { t, i18n } = useTranslation();
  const options = useMemo(() => {
    const names = new Intl.DisplayNames([i18n.language], { type: "currency" });
    return CURRENCIES.map((value) => ({ value, label: `${names.of(value) ?? value} ${value}` }));
  }, [i18n.language]);
  return (
    <Form.Item
      name="currency"
      label={t("shop.currency")}
      extra={t("shop.currency_why")}
      rules={[{ required: true, message: t("form.required") }]}
    >
      <Select showSearch={{ optionFilterProp: "label" }} options={options} />
    </Form.Item>
  );
}

export function LanguageField({ label }: { label?: string }) {
  const { t } = useTranslation();
  return (
    <Form.Item name="language" label={label ?? t("shop.language")}>
      <Select
        options={[
          { value: "zh-CN", label: t("language.zh") },
          { value: "en", label: t("language.en") },
        ]}
      />
    </Form.Item>
  );
}
