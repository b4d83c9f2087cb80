import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Preview } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { Asked, RowsSkeleton } from "../../part/state";
import { useFieldName } from "./mapping";
import type { Draft } from "./wizard";
import { orderOf } from "./wizard";

const ROWS = 20;

interface PreviewStepProps {
  draft: Draft;
  next: () => void;
  back: () => void;
}

export function PreviewStep({ draft, next, back }: PreviewStepProps) {
  const { t } = useTranslation();
  const preview = useApi(
    "POST /imports/preview",
    { body: { ...orderOf(draft), limit: ROWS } },
    { retry: false, staleTime: 0 },
  );
  return (
    <div className="stack wide">
      <p className="prose">{t("import.preview_how", { count: ROWS })}</p>
      <Asked query={preview} what={t("import.step_preview")} skeleton={<RowsSkeleton rows={10} />}>
        {(data) => <PreviewTable preview={data} />}
      </Asked>
      <div className="row">
        <Button onClick={back}>{t("act.back")}</Button>
        <Button type="primary" disabled={!preview.data} onClick={next}>
          {t("import.to_dry_run")}
        </Button>
      </div>
    </div>
  );
}

const KINDS = ["order", "refund", "correction"];
const STATUSES = ["placed", "paid", "shipped", "received", "closed"];

function Value({ field, value }: { field: string; value: string | null | undefined }) {
  const { t } = useTranslation();
  if (value == null) return <span className="soft">–</span>;
  if (field === "status" && STATUSES.includes(value)) return <>{t(`order.status.${value}`)}</>;
  if (field === "kind" && KINDS.includes(value)) return <>{t(`order.kind.${value}`)}</>;
  return <>{value}</>;
}

function PreviewTable({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const bad = preview.rows.filter((row) => row.problem).length;
  return (
    <>
      <p className={bad ? "attention" : "soft"}>
        {bad ? t("import.problems", { count: bad }) : t("import.no_problems")}
      </p>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t("import.step_preview")}>
        <table className="plain-table import-rows">
          <thead>
            <tr>
              <th scope="col">{t("import.reject_line")}</th>
              {preview.fields.map((field) => (
                <th key={field} scope="col">
                  {fieldName(field)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row) => (
              <tr key={row.line} className={row.problem ? "problem" : ""}>
                <th scope="row">{count(row.line)}</th>
                {row.problem ? (
                  <td colSpan={preview.fields.length || 1} className="attention small">
                    {[row.problem.column, row.problem.value, row.problem.reason]
                      .filter(Boolean)
                      .join(" · ")}
                  </td>
                ) : (
                  preview.fields.map((field) => (
                    <td key={field}>
                      <Value
                        field={field}
                        value={row.cells.find((cell) => cell.field === field)?.value}
                      />
                    </td>
                  ))
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
