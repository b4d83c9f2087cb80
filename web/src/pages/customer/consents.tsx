import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Consent } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";
import { useCan } from "../../session";

type Said = "given" | "withdrawn";

/** By which channels somebody can be written to, and what they said of each. */
export function Consents({ id, all }: { id: string; all: Consent[] }) {
  const { t } = useTranslation();
  return (
    <>
      <h3 className="card-part">{t("consent.title")}</h3>
      <dl className="facts">
        {all.map((one) => (
          <div key={one.channel} style={{ display: "contents" }}>
            <dt>{t(`consent.channel.${one.channel}`)}</dt>
            <dd>
              <Answer id={id} one={one} />
              {!one.address && (
                <div className="soft small">{t(`consent.no_address.${one.channel}`)}</div>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** What somebody said of a channel; who may notes what they say now. */
function Answer({ id, one }: { id: string; one: Consent }) {
  const { t } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const change = useAct(
    "PUT /customers/{customer_id}/consents/{channel}",
    ["GET /customers/{customer_id}/profile"],
    { onError: (error) => say.error(errorText(error)) },
  );
  const said: Said | null = one.given === null ? null : one.given ? "given" : "withdrawn";
  if (!can("customers.edit")) return <>{t(`consent.${said ?? "unknown"}`)}</>;
  return (
    <Select<Said>
      size="small"
      aria-label={t("consent.of", { channel: t(`consent.channel.${one.channel}`) })}
      placeholder={t("consent.unknown")}
      value={said}
      loading={change.isPending}
      popupMatchSelectWidth={false}
      options={(["given", "withdrawn"] as const).map((value) => ({
        value,
        label: t(`consent.${value}`),
      }))}
      onChange={(value) =>
        change.mutate({
          path: { customer_id: id, channel: one.channel },
          body: { given: value === "given" },
        })
      }
    />
  );
}
