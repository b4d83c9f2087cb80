import { CloseOutlined } from "@ant-design/icons";
import { useQueries } from "@tanstack/react-query";
import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { keyOf, useApi } from "../../api/hooks";
import { useCan } from "../../session";
import type { Part } from "./terms";

/** Products that are asked for by number at once at the most; the rest is told by number. */
const ASKED_MAX = 30;
const FRESH_MS = 300_000;
/** Products among which somebody chooses at once. */
const SHOWN = 20;

/** Tells products' titles. */
export function useProductNames(wanted: number[]): (product: number) => string {
  const can = useCan();
  const numbers = [...new Set(wanted)].filter((own) => own > 0).slice(0, ASKED_MAX);
  const all = useQueries({
    queries: numbers.map((own) => {
      const input = { path: { product_id: String(own) } };
      return {
        queryKey: keyOf("GET /products/{product_id}", input),
        queryFn: () => api("GET /products/{product_id}", input),
        staleTime: FRESH_MS,
        retry: false,
        enabled: can("products.read"),
      };
    }),
  });
  const names = new Map(
    all.flatMap(({ data }) => {
      const own = data?.product;
      return own ? [[own.product_id, own.title ?? own.sku] as const] : [];
    }),
  );
  return (product) => names.get(String(product)) ?? `#${product}`;
}

/** Products by their titles: those that are found, and those that are chosen. */
function useProductOptions(chosen: number[]) {
  const can = useCan();
  const name = useProductNames(chosen);
  const [q, setQ] = useState("");
  const found = useApi(
    "GET /products",
    { query: { q, limit: SHOWN } },
    { enabled: can("products.read"), keep: true },
  );
  const options = new Map(chosen.map((own) => [own, name(own)]));
  for (const one of found.data?.data ?? []) {
    options.set(Number(one.product_id), one.title ?? one.sku);
  }
  return {
    // The server looks for what is typed; here everything it found is shown.
    showSearch: { filterOption: false, onSearch: setQ },
    options: [...options].map(([value, label]) => ({ value, label })),
  };
}

interface ProductsFieldProps {
  label: string;
  none?: string;
  value: number[];
  set: (products: number[]) => void;
}

export function ProductsField({ label, none, value, set }: ProductsFieldProps) {
  const known = useProductOptions(value);
  return (
    <label className="stack">
      <span>{label}</span>
      <Select
        {...known}
        mode="multiple"
        aria-label={label}
        placeholder={none}
        value={value}
        onChange={set}
      />
    </label>
  );
}

interface PartsFieldProps {
  label: string;
  parts: Part[];
  set: (parts: Part[]) => void;
}

/** Products, each with how many pieces of it. */
export function PartsField({ label, parts, set }: PartsFieldProps) {
  const { t } = useTranslation();
  const change = (at: number, part: Partial<Part>) =>
    set(parts.map((own, place) => (place === at ? { ...own, ...part } : own)));
  return (
    <fieldset className="stack">
      <legend>{label}</legend>
      {parts.map((part, at) => (
        <div key={at} className="row">
          <ProductPick product={part.product} set={(product) => change(at, { product })} />
          <InputNumber
            aria-label={t("offer.how_many")}
            min={1}
            precision={0}
            style={{ width: 96 }}
            value={part.pieces}
            onChange={(pieces) => change(at, { pieces: pieces ?? 1 })}
          />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t("act.delete")}
            onClick={() => set(parts.filter((_, place) => place !== at))}
          />
        </div>
      ))}
      <div>
        <Button size="small" onClick={() => set([...parts, { product: 0, pieces: 1 }])}>
          {t("offer.add_product")}
        </Button>
      </div>
    </fieldset>
  );
}

export function ProductPick({ product, set }: { product: number; set: (product: number) => void }) {
  const { t } = useTranslation();
  const known = useProductOptions(product ? [product] : []);
  return (
    <Select
      {...known}
      aria-label={t("offer.product")}
      placeholder={t("offer.product")}
      style={{ minWidth: 240 }}
      value={product || null}
      onChange={(next) => set(next ?? 0)}
    />
  );
}
