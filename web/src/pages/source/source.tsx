import { say } from "../../part/say";
import { Button, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Source } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { ConfirmAct, Guard } from "../../part/confirm";
import { CopyButton } from "../../part/copy";
import { Page, Section } from "../../part/page";
import { Asked, Empty, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useCan } from "../../session";
import { useUrl } from "../../url";
import { NewSource } from "./new";
import { Snippets } from "./snippets";
import "./source.css";
import { Tail } from "./tail";

export function Sources() {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useUrl();
  const sources = useApi("GET /sources");
  const [shown, setShown] = useState<Source | null>(null);
  const create = (
    <Guard may="sources.write">
      <Button type="primary" onClick={() => change({ new: "1" })}>
        {t("source.create")}
      </Button>
    </Guard>
  );
  const close = () => change({ new: undefined }, { replace: true });
  return (
    <Page title={t("nav.sources")} lead={t("source.lead")} actions={create}>
      <Asked query={sources} what={t("nav.sources")} skeleton={<RowsSkeleton rows={4} />}>
        {(data) =>
          data.sources.length === 0 ? (
            <Empty title={t("source.empty")} why={t("source.empty_why")} action={create} />
          ) : (
            <>
              <SourceTable sources={data.sources} show={setShown} />
              <Pace value={data.pace} />
              <Section title={t("source.tail")} note={t("source.tail_how")}>
                <Tail />
              </Section>
            </>
          )
        }
      </Asked>
      <NewSource open={search.new === "1" && can("sources.write")} close={close} done={setShown} />
      <Modal
        open={shown !== null}
        title={t("source.connect", { name: shown?.name })}
        width={720}
        footer={null}
        onCancel={() => setShown(null)}
        destroyOnHidden
      >
        {shown && <Snippets writeKey={shown.write_key} />}
      </Modal>
    </Page>
  );
}

function SourceTable({ sources, show }: { sources: Source[]; show: (source: Source) => void }) {
  const { t } = useTranslation();
  const [gone, setGone] = useState<Source | null>(null);
  const revoke = useAct("DELETE /sources/{source_id}", ["GET /sources"]);
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("source.name")}</th>
            <th scope="col">{t("source.key")}</th>
            <th scope="col">{t("source.created")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map((one) => (
            <tr key={one.source_id} className={one.revoked_at ? "soft" : ""}>
              <td className="strong">{one.name}</td>
              <td>
                {one.revoked_at ? (
                  <>
                    {t("source.revoked")} <When at={one.revoked_at} />
                  </>
                ) : (
                  <span className="row">
                    <code>{one.write_key}</code>
                    <CopyButton text={one.write_key} label={t("source.key")} />
                  </span>
                )}
              </td>
              <td>
                <When at={one.created_at} />
              </td>
              <td className="right">
                {!one.revoked_at && (
                  <>
                    <Button type="link" size="small" onClick={() => show(one)}>
                      {t("source.snippet")}
                    </Button>
                    <Guard may="sources.write">
                      <Button type="link" size="small" danger onClick={() => setGone(one)}>
                        {t("source.revoke")}
                      </Button>
                    </Guard>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmAct
        open={gone !== null}
        title={t("source.revoke")}
        danger
        verb={t("source.revoke")}
        what={t("source.revoke_what", { name: gone?.name })}
        onClose={() => setGone(null)}
        act={() => revoke.mutateAsync({ path: { source_id: gone?.source_id ?? "" } })}
      />
    </div>
  );
}

/** How many events a second the shop takes. */
function Pace({ value }: { value: number | null }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [next, setNext] = useState<number | null>(value);
  const save = useAct("PUT /sources/pace", ["GET /sources"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  return (
    <div className="row wrap" style={{ marginTop: 16 }}>
      <span>{t("source.pace")}</span>
      <Guard may="sources.write" other={value === null ? t("source.pace_none") : count(value)}>
        <InputNumber
          value={next}
          min={1}
          max={100_000}
          precision={0}
          onChange={setNext}
          placeholder={t("source.pace_none")}
          aria-label={t("source.pace")}
        />
        <Button
          disabled={next === value}
          loading={save.isPending}
          onClick={() => save.mutate({ body: { events_per_second: next } })}
        >
          {t("act.save")}
        </Button>
      </Guard>
      <span className="soft small">{t("source.pace_how")}</span>
    </div>
  );
}
