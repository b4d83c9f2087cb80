import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { span } from "../../format";
import { Asked } from "../../part/state";
import { When } from "../../part/value";
import { pastQueries } from "./history";

/** The table that most questions are about. */
const FIRST = "customers";

interface SideProps {
  insert: (text: string) => void;
  again: (sql: string) => void;
}

export function Side({ insert, again }: SideProps) {
  const { t } = useTranslation();
  return (
    <aside className="query-side" aria-label={t("query.help")}>
      <Tabs
        destroyOnHidden
        size="small"
        items={[
          { key: "tables", label: t("query.tables"), children: <Tables insert={insert} /> },
          { key: "history", label: t("query.history"), children: <History again={again} /> },
        ]}
      />
    </aside>
  );
}

function Tables({ insert }: { insert: (text: string) => void }) {
  const { t } = useTranslation();
  const schema = useApi("GET /query/schema", {}, { staleTime: Infinity });
  return (
    <Asked query={schema} what={t("query.tables")}>
      {(tables) => (
        <div className="stack">
          {tables.map((one) => (
            <details key={one.name} open={one.name === FIRST}>
              <summary className="mono">{one.name}</summary>
              <ul className="columns">
                {one.columns.map((column) => (
                  <li key={column.name}>
                    <button
                      type="button"
                      className="quiet-button link mono"
                      title={t("query.insert", { name: column.name })}
                      onClick={() => insert(column.name)}
                    >
                      {column.name}
                    </button>
                    <span className="soft small"> {column.kind}</span>
                  </li>
                ))}
              </ul>
            </details>
          ))}
        </div>
      )}
    </Asked>
  );
}

function History({ again }: { again: (sql: string) => void }) {
  const { t } = useTranslation();
  const runs = pastQueries();
  if (runs.length === 0) return <p className="soft">{t("query.history_none")}</p>;
  return (
    <ul className="stack">
      {runs.map((one) => (
        <li key={one.sql}>
          <button
            type="button"
            className="past mono"
            onClick={() => again(one.sql)}
            title={t("query.again")}
          >
            {one.sql}
          </button>
          <div className="soft small">
            <When at={one.at} as="ago" /> · {t("list.total", { count: one.rows })} ·{" "}
            {span(one.took)}
          </div>
        </li>
      ))}
    </ul>
  );
}
