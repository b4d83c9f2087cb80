import { CloseOutlined } from "@ant-design/icons";
import { Button, Checkbox, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useMinor } from "../ledger/policy";
import { MostField } from "./most";
import { PartsField, ProductsField } from "./products";
import type { Kind, OfferDraft, Shape, Step, Threshold } from "./terms";
import { NO_STEP, ofKind, PERCENT, SHAPES } from "./terms";

export interface OfferFieldsProps {
  draft: OfferDraft;
  put: (part: Partial<OfferDraft>) => void;
}

/** What an offer does: how much off from how much on. */
export function EffectFields({ draft, put, kinds }: OfferFieldsProps & { kinds: readonly Kind[] }) {
  const { t, i18n } = useTranslation();
  const { kind, steps } = draft;
  const shape = SHAPES[kind];
  const change = (at: number, step: Step) =>
    put({ steps: steps.map((own, place) => (place === at ? step : own)) });
  return (
    <>
      <label className="stack">
        <span>{t("coupon.does")}</span>
        <Select
          key={i18n.language}
          aria-label={t("coupon.does")}
          value={kind}
          options={kinds.map((own) => ({ value: own, label: t(`coupon.kind.${own}`) }))}
          onChange={(next: Kind) => put(ofKind(draft, next))}
        />
      </label>
      <GoodsOfEffect draft={draft} put={put} />
      {steps.map((step, at) => (
        <div key={at} className="stack">
          <div className="row">
            {shape.from && (
              <FromFields
                from={step.from}
                bound={Boolean(shape.bound)}
                set={(from) => change(at, { ...step, from })}
              />
            )}
            <GivesField shape={shape} step={step} set={(next) => change(at, next)} />
            {steps.length > 1 && (
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden />}
                aria-label={t("act.delete")}
                onClick={() => put({ steps: steps.filter((_, place) => place !== at) })}
              />
            )}
          </div>
          {shape.gives === "gifts" && (
            <PartsField
              label={t("offer.gifts")}
              parts={step.gifts}
              set={(gifts) => change(at, { ...step, gifts })}
            />
          )}
        </div>
      ))}
      {shape.from === "steps" && (
        <div>
          <Button size="small" onClick={() => put({ steps: [...steps, NO_STEP] })}>
            {t("coupon.add_step")}
          </Button>
        </div>
      )}
      {shape.cap && <CapField cap={shape.cap} draft={draft} put={put} />}
    </>
  );
}

/** The goods and pieces that an effect itself names. */
function GoodsOfEffect({ draft, put }: OfferFieldsProps) {
  const { t } = useTranslation();
  const { kind } = draft;
  const { names, counts = [] } = SHAPES[kind];
  return (
    <>
      {names === "parts" && (
        <PartsField label={t("offer.parts")} parts={draft.parts} set={(parts) => put({ parts })} />
      )}
      {names === "products" && (
        <ProductsField
          label={t("offer.exchanged")}
          value={draft.products}
          set={(products) => put({ products })}
        />
      )}
      {counts.length > 0 && (
        <div className="row">
          {counts.map((name) => {
            const own = `${kind}_${name}`;
            return (
              <label key={name} className="stack">
                <span>{t(`offer.counts.${own}`)}</span>
                <InputNumber
                  min={1}
                  max={10_000}
                  precision={0}
                  style={{ width: 160 }}
                  value={draft[name]}
                  onChange={(own) => put({ [name]: own })}
                />
              </label>
            );
          })}
        </div>
      )}
    </>
  );
}

interface FromFieldsProps {
  from: Threshold | null;
  /** Whether there has to be a threshold. */
  bound: boolean;
  set: (from: Threshold | null) => void;
}

const UNITS = ["money", "pieces"] as const;
/** A threshold of which no more is known than what it is measured in. */
const begun = (unit: (typeof UNITS)[number]): Threshold =>
  unit === "money" ? { kind: "money", minor: 0 } : { kind: "pieces", pieces: 0 };

function FromFields({ from, bound, set }: FromFieldsProps) {
  const { t, i18n } = useTranslation();
  const unit = from?.kind === "pieces" ? "pieces" : "money";
  const { minor, digits, currency } = useMinor(unit === "money" ? "stored" : "points");
  const free = from?.kind === "none";
  const much = from?.kind === "money" ? from.minor : from?.kind === "pieces" ? from.pieces : 0;
  const label = t(`coupon.from_${unit}`);
  const type = (own: number | null) => {
    const amount = Math.round((own ?? 0) * minor);
    set(unit === "money" ? { kind: "money", minor: amount } : { kind: "pieces", pieces: amount });
  };
  return (
    <>
      <InputNumber
        aria-label={label}
        placeholder={label}
        min={0}
        precision={digits}
        prefix={t("coupon.from_short")}
        style={{ width: 130 }}
        disabled={free}
        value={much ? much / minor : null}
        onChange={type}
      />
      <Select
        key={i18n.language}
        aria-label={t("offer.from_unit")}
        style={{ width: 84 }}
        disabled={free}
        value={unit}
        options={UNITS.map((own) => ({
          value: own,
          label: own === "money" ? currency : t("offer.unit_pieces"),
        }))}
        onChange={(own: (typeof UNITS)[number]) => set(begun(own))}
      />
      {!bound && (
        <Checkbox
          checked={free}
          onChange={(event) => set(event.target.checked ? { kind: "none" } : null)}
        >
          {t("coupon.from.none")}
        </Checkbox>
      )}
    </>
  );
}

interface GivesFieldProps {
  shape: Shape;
  step: Step;
  set: (step: Step) => void;
}

function GivesField({ shape, step, set }: GivesFieldProps) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor("stored");
  const { gives } = shape;
  if (!gives || gives === "gifts") return null;
  const share = gives === "share";
  const unit = share ? PERCENT : minor;
  const labels = { share: "coupon.share_off", money: "coupon.money_off", price: "offer.cost" };
  const label = t(labels[gives]);
  return (
    <InputNumber
      aria-label={label}
      placeholder={label}
      min={0}
      max={share ? 100 : undefined}
      precision={share ? 1 : digits}
      suffix={share ? "%" : currency}
      style={{ width: 150 }}
      value={step.gives === null ? null : step.gives / unit}
      onChange={(own) => set({ ...step, gives: own === null ? null : Math.round(own * unit) })}
    />
  );
}

function CapField({ cap, draft, put }: OfferFieldsProps & { cap: NonNullable<Shape["cap"]> }) {
  const { t } = useTranslation();
  const money = cap === "money";
  return (
    <MostField
      label={money ? t("coupon.most") : t(`offer.most_${cap}`)}
      none={t(money ? "coupon.no_most" : "offer.no_most")}
      money={money}
      value={draft.most}
      set={(most) => put({ most })}
    />
  );
}
