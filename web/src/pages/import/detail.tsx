import { say } from "../../part/say";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Button, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download } from "../../api/client";
import type { ImportRecord } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { Back } from "../../part/back";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page, Section } from "../../part/page";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { importTitle } from "./list";
import { useMappingName } from "./mapping";
import { ImportState } from "./state";
import { Totals } from "./totals";

const POLL_MS = 1_000;

export function ImportPage() {
  const { t } = useTranslation();
  const { importId = "" } = useParams({ strict: false });
  const record = useApi(
    "GET /imports/{import_id}",
    { path: { import_id: importId } },
    {
      refetchInterval: (query) => (query.state.data && moves(query.state.data) ? POLL_MS : false),
    },
  );
  return (
    <Asked
      query={record}
      what={t("import.one")}
      skeleton={
        <div className="page">
          <RowsSkeleton rows={8} />
        </div>
      }
    >
      {(one) => (
        <Page
          title={importTitle(one)}
          lead={<Lead one={one} />}
          above={<Back to="/imports">{t("nav.imports")}</Back>}
          actions={<Acts one={one} />}
        >
          <Standing one={one} />
          {(!moves(one) || one.rows_accepted > 0) && (
            <Totals totals={one} whole={one.state === "done" || one.state === "undone"} />
          )}
          {one.rows_rejected > 0 && <Rejects one={one} />}
        </Page>
      )}
    </Asked>
  );
}

/** Whether it changes by itself. */
function moves(one: ImportRecord): boolean {
  return ["waiting", "running", "undoing"].includes(one.state) && one.job_id !== null;
}

function Lead({ one }: { one: ImportRecord }) {
  const mappingName = useMappingName();
  return (
    <span className="row wrap">
      <ImportState one={one} /> {mappingName(one.mapping)} · <When at={one.started_at} as="both" />
    </span>
  );
}

function Standing({ one }: { one: ImportRecord }) {
  const { t } = useTranslation();
  if (one.error) return <p className="danger">{one.error}</p>;
  if (!moves(one)) return null;
  const { done = 0, total = 0 } = one.progress ?? {};
  const percent = total ? Math.floor((done / total) * 100) : 0;
  return (
    <div style={{ marginBottom: 16 }} role="status">
      <Progress percent={percent} aria-label={t("import.progress")} />
      <p className="soft">{t("import.progress_rows", { done: count(one.rows_read) })}</p>
    </div>
  );
}

const STALE = ["GET /imports/{import_id}", "GET /imports", "GET /jobs"] as const;

function Acts({ one }: { one: ImportRecord }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [undoing, setUndoing] = useState(false);
  const path = { import_id: one.import_id };
  const onError = (error: Error) => say.error(errorText(error));
  const cancel = useAct("POST /imports/{import_id}/cancel", [...STALE], { onError });
  const resume = useAct("POST /imports/{import_id}/resume", [...STALE], { onError });
  const undo = useAct("POST /imports/{import_id}/undo", [...STALE]);
  return (
    <Guard may="imports.write">
      {moves(one) && one.state !== "undoing" && (
        <Button loading={cancel.isPending} onClick={() => cancel.mutate({ path })}>
          {t("import.cancel")}
        </Button>
      )}
      {(one.state === "cancelled" || one.state === "failed") && (
        <Button type="primary" loading={resume.isPending} onClick={() => resume.mutate({ path })}>
          {t("import.resume")}
        </Button>
      )}
      {one.state === "done" && (
        <Button danger onClick={() => setUndoing(true)}>
          {t("import.undo")}
        </Button>
      )}
      <ConfirmAct
        open={undoing}
        title={t("import.undo")}
        verb={t("import.undo")}
        danger
        onClose={() => setUndoing(false)}
        act={() => undo.mutateAsync({ path })}
        what={t("import.undo_what", {
          rows: count(one.rows_accepted),
          orders: count(one.orders),
        })}
      />
    </Guard>
  );
}

function Rejects({ one }: { one: ImportRecord }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const path = { import_id: one.import_id };
  const rejects = useApi("GET /imports/{import_id}/rejects", { path, query: { limit: 100 } });
  const aside = (
    <div className="row">
      <Button
        onClick={() =>
          void download(
            `/imports/${encodeURIComponent(one.import_id)}/rejects/file`,
            `rejects-${one.import_id}.csv`,
          )
        }
      >
        {t("import.rejects_file")}
      </Button>
      <Guard may="imports.write">
        <Button onClick={() => void navigate({ to: "/imports/new" })}>{t("import.again")}</Button>
      </Guard>
    </div>
  );
  return (
    <Section
      title={t("import.rejects", { count: one.rows_rejected })}
      aside={aside}
      note={t("import.rejects_how")}
    >
      <Asked query={rejects} what={t("import.rows_rejected")}>
        {(page) => (
          <div className="scroll-x">
            <table className="plain-table">
              <thead>
                <tr>
                  {["file", "line", "column", "value", "reason"].map((key) => (
                    <th key={key} scope="col">
                      {t(`import.reject_${key}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {page.data.map((row) => (
                  <tr key={`${row.file}:${row.line}:${row.column}`}>
                    <td>{row.file}</td>
                    <td>{count(row.line)}</td>
                    <td>{row.column || "–"}</td>
                    <td>
                      <code>{row.value || "–"}</code>
                    </td>
                    <td>{row.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Asked>
    </Section>
  );
}
