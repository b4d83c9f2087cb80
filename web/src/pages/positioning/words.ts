import { useTranslation } from "react-i18next";
import type { PositioningDeclared } from "../../api/shape";
import { useApi } from "../../api/hooks";

export type Attribute = PositioningDeclared["attribute"];

/** The attributes in the order in which they are asked for. */
export const ATTRIBUTES: Attribute[] = [
  "gender",
  "age",
  "region",
  "price_band",
  "occupation",
  "style",
];

/** What a value of an attribute is called. */
export function useValueName(): (attribute: Attribute, value: string) => string {
  const { t } = useTranslation();
  const tags = useApi("GET /tags");
  return (attribute, value) => {
    if (attribute === "gender") return t(`customer.gender_${value}`, { defaultValue: value });
    if (attribute === "price_band") return t(`preference.band_${value}`, { defaultValue: value });
    if (attribute === "age" || attribute === "region") return value;
    return tags.data?.find((one) => one.tag_id === value)?.name ?? value;
  };
}

/** The values that an attribute may have in this shop. */
export function useValues(): (attribute: Attribute) => string[] {
  const words = useApi("GET /segments/fields");
  const tags = useApi("GET /tags");
  const of = (field: string) =>
    words.data?.fields.find((one) => one.name === field)?.values.map(String) ?? [];
  return (attribute) => {
    if (attribute === "gender") return ["female", "male", "other"];
    if (attribute === "price_band") return ["1", "2", "3", "4", "5"];
    if (attribute === "age") return of("age_band").sort();
    if (attribute === "region") return of("province");
    return tags.data?.map((one) => one.tag_id) ?? [];
  };
}
