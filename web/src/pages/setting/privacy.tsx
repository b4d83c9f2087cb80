import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveBlob } from "../../api/client";
import type { Certificate, PrivacySetting } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { say } from "../../part/say";
import { Asked, useErrorText } from "../../part/state";
import { When } from "../../part/value";

const FIELDS = new Set([
  "name",
  "phone",
  "email",
  "address",
  "birthday",
  "chat_text",
  "ip_address",
  "card_number",
]);

export function PrivacyTab() {
  const { t } = useTranslation();
  const privacy = useApi("GET /privacy");
  return (
    <Asked query={privacy} what={t("setting.privacy")}>
      {(data) => (
        <>
          <Section title={t("privacy.sealed")} note={t("privacy.sealed_how")}>
            <p>
              {data.sealed_fields
                .map((one) => (FIELDS.has(one) ? t(`privacy.field_${one}`) : one))
                .join(t("roles.comma"))}
            </p>
          </Section>
          <Section title={t("privacy.masked")} note={t("privacy.masked_how")}>
            {null}
          </Section>
          <Kept />
          <Section
            title={t("privacy.erased", { count: data.erased })}
            note={t("privacy.erased_how")}
          >
            {data.certificates.length > 0 && <Certificates list={data.certificates} />}
          </Section>
        </>
      )}
    </Asked>
  );
}

/** Kinds of events of which nobody sees whose they are. */
function Kept() {
  const { t } = useTranslation();
  const setting = useApi("GET /privacy/setting");
  return (
    <Section title={t("privacy.kept")} note={t("privacy.kept_how")}>
      <Asked query={setting} what={t("privacy.kept")}>
        {(data) => <KeptForm key={JSON.stringify(data)} before={data} />}
      </Asked>
    </Section>
  );
}

function KeptForm({ before }: { before: PrivacySetting }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [events, setEvents] = useState(before.events);
  const [threshold, setThreshold] = useState(before.threshold);
  const [opening, setOpening] = useState(false);
  const save = useAct("PUT /privacy/setting", ["GET /privacy/setting", "GET /segments"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  const body = { events, threshold };
  const opened = before.events.filter((name) => !events.includes(name));
  const options = [...new Set([...before.cart_events, ...before.events])];
  return (
    <div className="stack wide">
      <label className="stack">
        <span>{t("privacy.events")}</span>
        <Select
          mode="tags"
          value={events}
          aria-label={t("privacy.events")}
          options={options.map((value) => ({ value, label: value }))}
          tokenSeparators={[","]}
          onChange={(next: string[]) => setEvents(next)}
        />
      </label>
      <label className="stack">
        <span>{t("privacy.threshold")}</span>
        <InputNumber
          min={10}
          max={1000}
          value={threshold}
          onChange={(next) => setThreshold(next ?? before.threshold)}
        />
      </label>
      <Guard may="shop.edit">
        <div>
          <Button
            loading={save.isPending}
            onClick={() => (opened.length > 0 ? setOpening(true) : save.mutate({ body }))}
          >
            {t("privacy.save")}
          </Button>
        </div>
      </Guard>
      <ConfirmAct
        open={opening}
        title={t("privacy.open_title")}
        what={t("privacy.open_what", { names: opened.join(t("roles.comma")) })}
        verb={t("privacy.open_go")}
        danger
        act={() => save.mutateAsync({ body })}
        onClose={() => setOpening(false)}
      />
    </div>
  );
}

function Certificates({ list }: { list: Certificate[] }) {
  const { t } = useTranslation();
  const actor = useActorName();
  const save = (one: Certificate) =>
    saveBlob(
      new Blob([JSON.stringify(one, null, 2)], { type: "application/json" }),
      `erased-${one.customer_id}.json`,
    );
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t("privacy.customer")}</th>
          <th scope="col">{t("privacy.at")}</th>
          <th scope="col">{t("privacy.actor")}</th>
          <th scope="col">{t("privacy.reason")}</th>
          <th scope="col">
            <span className="unseen">{t("source.acts")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {list.map((one) => (
          <tr key={`${one.customer_id}:${one.erased_at}`}>
            <td>{one.customer_id}</td>
            <td>
              <When at={one.erased_at} as="minute" />
            </td>
            <td>{actor(one.actor)}</td>
            <td>{one.reason}</td>
            <td className="right">
              <Button type="link" size="small" onClick={() => save(one)}>
                {t("erase.certificate")}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
