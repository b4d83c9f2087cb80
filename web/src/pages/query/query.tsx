import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { tookOf } from "../../api/client";
import { useAct } from "../../api/hooks";
import { Page } from "../../part/page";
import { ErrorBox } from "../../part/state";
import { recall, remember } from "../../memory";
import { Answer } from "./answer";
import { keepQuery } from "./history";
import "./query.css";
import { Side } from "./side";

const FIRST =
  "select stratum, count(*) as people, sum(net_minor) as net_minor\n" +
  "from customers\ngroup by stratum\norder by people desc";

/** Questions in SQL: read-only, limited, and without anything personal. */
export function QueryPage() {
  const { t } = useTranslation();
  const [sql, setSql] = useState(() => recall("sql") ?? FIRST);
  const editor = useRef<HTMLTextAreaElement>(null);
  const run = useAct("POST /query", [], {
    onSuccess: (answer, { body }) => {
      const past = { sql: body?.sql ?? "", at: new Date().toISOString() };
      keepQuery({ ...past, rows: answer.rows.length, took: tookOf(answer) ?? 0 });
    },
  });
  const go = () => {
    if (!sql.trim()) return;
    remember("sql", sql);
    run.mutate({ body: { sql } });
  };
  const insert = (text: string) => {
    const box = editor.current;
    if (!box) return;
    const { selectionStart: from, selectionEnd: to } = box;
    setSql(sql.slice(0, from) + text + sql.slice(to));
    requestAnimationFrame(() => {
      box.focus();
      box.setSelectionRange(from + text.length, from + text.length);
    });
  };
  return (
    <Page title={t("nav.query")} lead={t("query.lead")}>
      <div className="query">
        <div className="query-main">
          <textarea
            ref={editor}
            className="query-editor mono"
            value={sql}
            rows={8}
            spellCheck={false}
            aria-label={t("query.sql")}
            onChange={(event) => setSql(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) go();
            }}
          />
          <div className="row">
            <Button type="primary" onClick={go} loading={run.isPending}>
              {t("query.run")}
            </Button>
            <span className="soft small">{t("query.run_how")}</span>
          </div>
          {run.error && <ErrorBox error={run.error} what={t("query.answer")} />}
          {run.data && !run.error && <Answer answer={run.data} />}
          {!run.data && !run.error && <p className="soft">{t("query.none")}</p>}
        </div>
        <Side insert={insert} again={setSql} />
      </div>
    </Page>
  );
}
