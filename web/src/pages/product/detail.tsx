import { useParams } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { ProductWhole } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { Back } from "../../part/back";
import { Chart } from "../../part/chart";
import { Figure, FigureRow } from "../../part/figure";
import { Facts, Page } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { Count, Money, When } from "../../part/value";
import type { Tokens } from "../../theme";

export function ProductPage() {
  const { t } = useTranslation();
  const { productId } = useParams({ strict: false });
  const product = useApi("GET /products/{product_id}", { path: { product_id: productId ?? "" } });
  return (
    <Asked
      query={product}
      what={t("product.one")}
      skeleton={
        <div className="page">
          <RowsSkeleton rows={10} />
        </div>
      }
    >
      {(data) => (
        <Page
          title={data.product.title ?? data.product.sku}
          lead={data.product.sku}
          above={<Back to="/products">{t("nav.products")}</Back>}
        >
          <ProductFigures whole={data} />
          <div className="section">
            <Sales whole={data} />
          </div>
          <div className="section">
            <ProductFacts whole={data} />
          </div>
        </Page>
      )}
    </Asked>
  );
}

export function ProductLook({ id }: { id: string }) {
  const { t } = useTranslation();
  const product = useApi("GET /products/{product_id}", { path: { product_id: id } });
  return (
    <Asked query={product} what={t("product.one")}>
      {(data) => (
        <div className="stack wide">
          <ProductFigures whole={data} />
          <ProductFacts whole={data} />
        </div>
      )}
    </Asked>
  );
}

function ProductFigures({ whole }: { whole: ProductWhole }) {
  const { t } = useTranslation();
  return (
    <FigureRow>
      <Figure name={t("product.amount")} value={<Money minor={whole.amount_minor} />} />
      <Figure name={t("product.items")} value={<Count value={whole.items} />} />
      <Figure name={t("product.orders")} value={<Count value={whole.orders} />} />
      <Figure name={t("product.buyers")} value={<Count value={whole.buyers} />} />
    </FigureRow>
  );
}

function ProductFacts({ whole }: { whole: ProductWhole }) {
  const { t } = useTranslation();
  const { product } = whole;
  const name = (key: string) => t(`product.${key}`);
  return (
    <Facts
      items={[
        [name("category"), product.category ?? "–"],
        [name("brand"), product.brand ?? "–"],
        [name("price"), <Money minor={product.price_minor} key="p" />],
        [name("cost"), <Money minor={product.cost_minor} key="c" />],
        [name("stock"), <Count value={product.stock} key="s" />],
        [name("returned"), <Count value={whole.returned_items} key="r" />],
        [name("last_sold_at"), <When at={whole.last_sold_at} as="both" key="s" />],
        [name("listed_at"), <When at={product.listed_at} key="l" />],
        [name("on_sale_at"), <When at={product.on_sale_at} as="both" key="o" />],
      ]}
    />
  );
}

function Sales({ whole }: { whole: ProductWhole }) {
  const { t } = useTranslation();
  const { days, product } = whole;
  const option = useCallback(
    (tokens: Tokens) => ({
      grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: "same" },
      tooltip: { trigger: "axis" },
      xAxis: {
        type: "category",
        data: days.map((day) => day.date),
        axisLabel: { formatter: (date: string) => date.slice(5), hideOverlap: true },
      },
      yAxis: { type: "value", min: 0, minInterval: 1, splitNumber: 4 },
      series: [
        {
          type: "bar",
          name: t("product.items"),
          color: tokens.accent,
          barMaxWidth: 16,
          data: days.map((day) => day.items),
        },
      ],
    }),
    [days, t],
  );
  const half = Math.floor(days.length / 2);
  const sum = (list: typeof days) => list.reduce((total, day) => total + day.items, 0);
  const late = sum(days.slice(half));
  const early = sum(days.slice(0, half));
  const turn = late > early * 1.1 ? "up" : late < early * 0.9 ? "down" : "flat";
  return (
    <Chart
      more
      name={`product-${product.sku}`}
      height={220}
      option={option}
      title={t(`product.sales_${turn}`, {
        early: count(early),
        late: count(late),
        days: half,
        date: days.at(-1)?.date ?? "",
      })}
      table={{
        columns: [t("overview.day"), t("product.items"), t("product.amount")],
        rows: days.map((day) => [day.date, day.items, day.amount_minor]),
        show: (cell, at) => (at === 2 ? <Money minor={Number(cell)} /> : cell),
      }}
    />
  );
}
