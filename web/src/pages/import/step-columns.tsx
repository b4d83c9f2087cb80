import { Button, Select, Tag } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { UploadColumn } from "../../api/shape";
import { FIELD_GROUPS, IDENTIFIERS, useFieldName } from "./mapping";
import type { Draft } from "./wizard";
import { BY_HAND } from "./wizard";

/** Below this a guess deserves a look. */
const SURE_FROM = 90;

interface ColumnStepProps {
  draft: Draft;
  set: (draft: Draft) => void;
  next: () => void;
  back: () => void;
}

export function ColumnStep({ draft, set, next, back }: ColumnStepProps) {
  const { t } = useTranslation();
  const single = draft.files.length === 1;
  const meaning = (column: UploadColumn) => {
    const changed = draft.columns?.find((one) => one.name === column.name);
    return changed ? changed.field : column.field;
  };
  const change = (file: UploadColumn[], name: string, field: string | null) =>
    set({
      ...draft,
      columns: file.map((column) => ({
        name: column.name,
        field: column.name === name ? field : meaning(column),
      })),
    });
  return (
    <div className="stack wide">
      <p className="prose">{t(single ? "import.columns_how" : "import.columns_fixed")}</p>
      {draft.columns && draft.mapping && draft.mapping !== BY_HAND && (
        <p className="prose attention" role="status">
          {t("import.columns_own", { name: t(`mapping.${draft.mapping}`) })}
        </p>
      )}
      {draft.files.map((upload) => (
        <div key={upload.upload_id}>
          {!single && <h2>{upload.name}</h2>}
          {upload.warnings.map((warning) => (
            <p key={warning} className="prose attention">
              {warning}
            </p>
          ))}
          <ColumnTable
            columns={upload.columns}
            meaning={meaning}
            changed={draft.columns !== null}
            change={single ? (name, field) => change(upload.columns, name, field) : null}
          />
        </div>
      ))}
      <div className="row">
        <Button onClick={back}>{t("act.back")}</Button>
        <Button type="primary" onClick={next}>
          {t("act.next")}
        </Button>
        {draft.columns && (
          <Button type="link" onClick={() => set({ ...draft, columns: null })}>
            {t("import.columns_reset")}
          </Button>
        )}
      </div>
    </div>
  );
}

interface ColumnTableProps {
  columns: UploadColumn[];
  meaning: (column: UploadColumn) => string | null;
  changed: boolean;
  change: ((name: string, field: string | null) => void) | null;
}

function ColumnTable({ columns, meaning, change }: ColumnTableProps) {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const options = useFieldOptions();
  return (
    <div className="scroll-x">
      <table className="plain-table import-columns">
        <thead>
          <tr>
            <th scope="col">{t("import.column_theirs")}</th>
            <th scope="col">{t("import.column_samples")}</th>
            <th scope="col">{t("import.column_ours")}</th>
            <th scope="col">{t("import.column_sure")}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => {
            const field = meaning(column);
            return (
              <tr key={column.name} className={field ? "" : "unknown"}>
                <th scope="row">{column.name}</th>
                <td className="small samples">
                  {column.samples.map((one, at) => (
                    <div key={at} className="clip">
                      {one || "–"}
                    </div>
                  ))}
                </td>
                <td>
                  {change ? (
                    <Select
                      value={field}
                      allowClear
                      showSearch={{ optionFilterProp: "label" }}
                      placeholder={t("import.ignored")}
                      options={options}
                      style={{ width: 240 }}
                      aria-label={t("import.column_of", { name: column.name })}
                      onChange={(next?: string | null) => change(column.name, next ?? null)}
                    />
                  ) : field ? (
                    fieldName(field)
                  ) : (
                    t("import.ignored")
                  )}
                </td>
                <td>
                  <Sure column={column} field={field} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Sure({ column, field }: { column: UploadColumn; field: string | null }) {
  const { t } = useTranslation();
  if (field !== column.field) return <Tag>{t("import.by_hand")}</Tag>;
  if (!field) return null;
  const percent = `${column.confidence}%`;
  if (column.confidence >= SURE_FROM) return <span className="soft">{percent}</span>;
  return <Tag color="warning">{t("import.check", { percent })}</Tag>;
}

function useFieldOptions() {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  return useMemo(
    () => [
      ...Object.entries(FIELD_GROUPS).map(([group, fields]) => ({
        label: t(`import.group_${group}`),
        options: fields.map((value) => ({ value, label: fieldName(value) })),
      })),
      {
        label: t("import.group_identifier"),
        options: IDENTIFIERS.map((space) => {
          const value = `identifier:${space}`;
          return { value, label: fieldName(value) };
        }),
      },
    ],
    [t, fieldName],
  );
}
