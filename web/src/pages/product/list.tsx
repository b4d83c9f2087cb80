import { ExportOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Product } from "../../api/shape";
import type { Column } from "../../part/columns";
import { Guard } from "../../part/confirm";
import { useExport } from "../../part/export";
import type { Filter } from "../../part/filter";
import { keysOf } from "../../part/filter";
import { Go } from "../../part/go";
import { ListPage } from "../../part/list";
import { Count, Money, When } from "../../part/value";
import { filtersOf, useUrl } from "../../url";
import { ProductLook } from "./detail";

function useProductColumns(): Column<Product>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const name = (key: string) => t(`product.${key}`);
    return [
      {
        key: "title",
        title: name("title"),
        wide: true,
        render: (one) => (
          <Link to="/products/$productId" params={{ productId: one.product_id }}>
            {one.title ?? one.sku}
          </Link>
        ),
      },
      { key: "sku", title: name("sku"), render: (one) => one.sku },
      { key: "category", title: name("category"), render: (one) => one.category ?? "–" },
      { key: "brand", title: name("brand"), render: (one) => one.brand ?? "–" },
      {
        key: "price_minor",
        title: name("price"),
        right: true,
        render: (one) => <Money minor={one.price_minor} />,
      },
      {
        key: "cost_minor",
        title: name("cost"),
        right: true,
        off: true,
        render: (one) => <Money minor={one.cost_minor} />,
      },
      {
        key: "stock",
        title: name("stock"),
        right: true,
        render: (one) => <Count value={one.stock} />,
      },
      {
        key: "on_sale_at",
        title: name("on_sale_at"),
        render: (one) => <When at={one.on_sale_at} />,
      },
      {
        key: "listed_at",
        title: name("listed_at"),
        off: true,
        render: (one) => <When at={one.listed_at} />,
      },
    ];
  }, [t]);
}

export function Products() {
  const { t } = useTranslation();
  const columns = useProductColumns();
  const run = useExport("products");
  const [search] = useUrl();
  const filters: Filter[] = [
    { key: "q", kind: "text", name: t("list.filter"), main: true, hint: t("product.search_hint") },
  ];
  const asked = filtersOf(search, filters.flatMap(keysOf));
  return (
    <ListPage<Product>
      list="products"
      title={t("nav.products")}
      lead={t("product.lead")}
      what={t("product.what")}
      operation="GET /products"
      filters={filters}
      columns={columns}
      rowKey={(one) => one.product_id}
      actions={
        <Guard may="exports.run">
          <Button icon={<ExportOutlined aria-hidden />} onClick={() => void run(asked)}>
            {t("product.export")}
          </Button>
        </Guard>
      }
      look={(one) => ({
        title: one.title ?? one.sku,
        body: <ProductLook id={one.product_id} />,
        open: (
          <Link
            to="/products/$productId"
            params={{ productId: one.product_id }}
            className="go-button first"
          >
            {t("list.open")}
          </Link>
        ),
      })}
      empty={{
        title: t("product.empty"),
        why: t("product.empty_why"),
        action: (
          <Guard may="imports.write">
            <Go to="/imports/new" first>
              {t("product.import")}
            </Go>
          </Guard>
        ),
      }}
    />
  );
}
