import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";

/** What a file's columns can mean, in the order in which somebody would look for it. */
export const FIELD_GROUPS: Record<string, string[]> = {
  order: [
    "order",
    "kind",
    "of_order",
    "status",
    "placed_at",
    "paid_at",
    "shipped_at",
    "received_at",
    "closed_at",
    "total",
    "paid",
    "payment",
    "refunded",
    "shipping",
    "line_shipping",
    "currency",
    "channel",
    "store",
    "test",
  ],
  line: ["sku", "title", "quantity", "unit_price", "discount", "amount", "line_at"],
  recipient: [
    "contact_name",
    "contact_phone",
    "contact_address",
    "region_text",
    "country",
    "province",
    "city",
  ],
  person: ["name", "address", "gender", "age_band", "birthday", "registered_at", "updated_at"],
  product: ["category", "brand", "price", "cost", "stock", "listed_at", "on_sale_at"],
  said: ["external_id", "at", "rating", "text", "speaker", "agent", "topic"],
};

export const IDENTIFIERS = [
  "taobao",
  "shopify",
  "wechat_openid",
  "wechat_unionid",
  "user",
  "phone",
  "email",
];

const FIELDS = new Set(Object.values(FIELD_GROUPS).flat());
const IDENTIFIER = "identifier:";

/** The name of a field; identifiers are `identifier:` and their namespace. */
export function useFieldName() {
  const { t } = useTranslation();
  return useCallback(
    (field: string): string => {
      if (field.startsWith(IDENTIFIER)) {
        const space = field.slice(IDENTIFIER.length);
        return t("import.identifier", {
          name: IDENTIFIERS.includes(space) ? t(`namespace.${space}`) : space,
        });
      }
      return FIELDS.has(field) ? t(`field.${field}`) : field;
    },
    [t],
  );
}

export function useMappings() {
  return useApi("GET /mappings", {}, { staleTime: 300_000 });
}

/** The title of a mapping; one that was made by hand has only its kind. */
export function useMappingName() {
  const { t, i18n } = useTranslation();
  return useCallback(
    (name: string): string =>
      i18n.exists(`mapping.${name}`) ? t(`mapping.${name}`) : t("import.by_hand_report"),
    [t, i18n],
  );
}
