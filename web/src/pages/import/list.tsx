import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ImportRecord } from "../../api/shape";
import type { Column } from "../../part/columns";
import { Guard } from "../../part/confirm";
import { ListPage } from "../../part/list";
import { Count, Money, When } from "../../part/value";
import { useMappingName } from "./mapping";
import { ImportState } from "./state";

export function importTitle(one: ImportRecord): string {
  return one.files.join(", ") || one.import_id;
}

function useImportColumns(): Column<ImportRecord>[] {
  const { t } = useTranslation();
  const mappingName = useMappingName();
  return useMemo(() => {
    const rows = (key: "rows_read" | "rows_accepted" | "rows_rejected" | "rows_duplicate") => ({
      key,
      title: t(`import.${key}`),
      right: true,
      render: (one: ImportRecord) =>
        key === "rows_rejected" && one[key] > 0 ? (
          <span className="attention">
            <Count value={one[key]} />
          </span>
        ) : (
          <Count value={one[key]} />
        ),
    });
    return [
      {
        key: "files",
        title: t("import.files"),
        wide: true,
        render: (one) => (
          <Link to="/imports/$importId" params={{ importId: one.import_id }}>
            {importTitle(one)}
          </Link>
        ),
      },
      { key: "state", title: t("order.state"), render: (one) => <ImportState one={one} /> },
      { key: "mapping", title: t("import.mapping"), render: (one) => mappingName(one.mapping) },
      {
        key: "started_at",
        title: t("import.started_at"),
        render: (one) => <When at={one.started_at} as="both" />,
      },
      rows("rows_read"),
      rows("rows_accepted"),
      rows("rows_rejected"),
      rows("rows_duplicate"),
      {
        key: "orders",
        title: t("import.orders"),
        right: true,
        off: true,
        render: (one) => <Count value={one.orders} />,
      },
      {
        key: "net_minor",
        title: t("customer.net_minor"),
        right: true,
        render: (one) => <Money minor={one.net_minor} />,
      },
    ];
  }, [t, mappingName]);
}

export function Imports() {
  const { t } = useTranslation();
  const columns = useImportColumns();
  return (
    <ListPage<ImportRecord>
      list="imports"
      title={t("nav.imports")}
      lead={t("import.lead")}
      what={t("import.what")}
      operation="GET /imports"
      filters={[]}
      columns={columns}
      rowKey={(one) => one.import_id}
      actions={<NewImport />}
      empty={{ title: t("import.empty"), why: t("import.empty_why"), action: <NewImport /> }}
    />
  );
}

function NewImport() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Guard may="imports.write">
      <Button type="primary" onClick={() => void navigate({ to: "/imports/new" })}>
        {t("palette.action.import")}
      </Button>
    </Guard>
  );
}
