import { ExportOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Customer } from "../../api/shape";
import { Guard } from "../../part/confirm";
import { useExport } from "../../part/export";
import { keysOf } from "../../part/filter";
import { Go } from "../../part/go";
import { ListPage } from "../../part/list";
import { Views } from "../../part/views";
import { filtersOf, useUrl } from "../../url";
import { Bulk } from "./bulk";
import { customerTitle, useCustomerColumns } from "./columns";
import { useCustomerFilters } from "./filters";
import { CustomerLook } from "./look";

export function Customers() {
  const { t } = useTranslation();
  const columns = useCustomerColumns();
  const filters = useCustomerFilters();
  const [search] = useUrl();
  const run = useExport("customers");
  const asked = filtersOf(search, filters.flatMap(keysOf));
  return (
    <ListPage<Customer>
      list="customers"
      title={t("nav.customers")}
      lead={t("customer.lead")}
      what={t("customer.what")}
      operation="GET /customers"
      filters={filters}
      columns={columns}
      rowKey={(one) => one.customer_id}
      sort="-net_minor"
      actions={
        <Guard may="exports.run">
          <Button icon={<ExportOutlined aria-hidden />} onClick={() => void run(asked)}>
            {t("customer.export")}
          </Button>
        </Guard>
      }
      tools={<Views page="customers" />}
      look={(one) => ({
        title: customerTitle(one),
        body: <CustomerLook one={one} />,
        open: <OpenCustomer id={one.customer_id} />,
      })}
      bulk={(rows) => <Bulk rows={rows} />}
      empty={{
        title: t("customer.empty"),
        why: t("customer.empty_why"),
        action: (
          <Guard may="imports.write">
            <Go to="/imports/new" first>
              {t("overview.empty_import")}
            </Go>
          </Guard>
        ),
      }}
    />
  );
}

function OpenCustomer({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <Link to="/customers/$customerId" params={{ customerId: id }} className="go-button first">
      {t("list.open")}
    </Link>
  );
}
