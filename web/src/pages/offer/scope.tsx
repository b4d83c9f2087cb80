import { Button, Checkbox, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { useRosters } from "../segment/rosters";
import type { OfferFieldsProps } from "./effect";
import { ProductsField } from "./products";
import type { OfferDraft } from "./terms";
import { FRESH, GOODS } from "./terms";
import { WhenFields } from "./when";

/** To which goods an offer applies, and for whom. */
export function ScopeFields({ draft, put }: OfferFieldsProps) {
  const { t, i18n } = useTranslation();
  const { tier } = useRosters(["tier"]);
  const segments = useApi("GET /segments");
  const { goods } = draft;
  const set = (part: Partial<OfferDraft["goods"]>) => put({ goods: { ...goods, ...part } });
  const usable = (segments.data ?? []).filter((one) => one.state === "active");
  return (
    <>
      <label className="stack">
        <span>{t("offer.goods")}</span>
        <Select
          key={i18n.language}
          aria-label={t("offer.goods")}
          value={goods.kind}
          options={GOODS.map((kind) => ({ value: kind, label: t(`offer.goods_${kind}`) }))}
          onChange={(kind: (typeof GOODS)[number]) => set({ ...FRESH.goods, kind })}
        />
      </label>
      {goods.kind !== "all" && <GoodsFields goods={goods} set={set} />}
      <Names
        label={t("coupon.tiers")}
        none={t("earn.everybody")}
        options={tier}
        value={draft.tiers.map(String)}
        set={(tiers) => put({ tiers: tiers.map(Number) })}
      />
      <Names
        label={t("offer.segments")}
        none={t("earn.everybody")}
        options={usable.map((one) => ({ value: one.segment_id, label: one.name }))}
        value={draft.segments.map(String)}
        set={(next) => put({ segments: next.map(Number) })}
      />
      {(["first_order", "full_price_only"] as const).map((name) => (
        <Checkbox
          key={name}
          checked={draft[name]}
          onChange={(event) => put({ [name]: event.target.checked })}
        >
          {t(name === "first_order" ? "coupon.first_order" : "offer.full_price_only")}
        </Checkbox>
      ))}
      <More draft={draft} put={put} />
    </>
  );
}

interface GoodsFieldsProps {
  goods: OfferDraft["goods"];
  set: (part: Partial<OfferDraft["goods"]>) => void;
}

function GoodsFields({ goods, set }: GoodsFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {(["categories", "brands"] as const).map((name) => (
        <Names
          key={name}
          label={t(`offer.${name}`)}
          value={goods[name]}
          set={(next) => set({ [name]: next })}
        />
      ))}
      <ProductsField
        label={t("offer.products")}
        value={goods.products}
        set={(products) => set({ products })}
      />
      <span className="soft small">{t("offer.goods_how")}</span>
    </>
  );
}

interface NamesProps {
  label: string;
  none?: string;
  /** Those there are; without, whatever is typed. */
  options?: { value: string; label: string }[];
  value: string[];
  set: (names: string[]) => void;
}

function Names({ label, none, options, value, set }: NamesProps) {
  const free = options ? {} : { open: false, suffixIcon: null };
  return (
    <label className="stack">
      <span>{label}</span>
      <Select
        {...free}
        mode={options ? "multiple" : "tags"}
        aria-label={label}
        placeholder={none}
        optionFilterProp="label"
        options={options}
        value={value}
        onChange={set}
      />
    </label>
  );
}

/** What few offers say; open where one does. */
function More({ draft, put }: OfferFieldsProps) {
  const { t } = useTranslation();
  const { channels, stores, hours, group, alone, place } = draft;
  const lists = [channels, stores, hours.weekdays, hours.month_days, hours.spans];
  const said = lists.some((list) => list.length > 0) || group !== "" || alone || place > 0;
  const [open, setOpen] = useState(said);
  if (!open) {
    return (
      <div>
        <Button size="small" onClick={() => setOpen(true)}>
          {t("offer.more")}
        </Button>
      </div>
    );
  }
  return (
    <>
      {(["channels", "stores"] as const).map((name) => (
        <Names
          key={name}
          label={t(`offer.${name}`)}
          none={t(`offer.all_${name}`)}
          value={draft[name]}
          set={(next) => put({ [name]: next })}
        />
      ))}
      <WhenFields draft={draft} put={put} />
    </>
  );
}
