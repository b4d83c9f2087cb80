import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { saveBlob } from "../../api/client";
import type { Certificate } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { Section } from "../../part/page";
import { Asked } from "../../part/state";
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
