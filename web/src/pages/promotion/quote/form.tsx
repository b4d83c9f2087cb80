import { CloseOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useMinor } from "../../ledger/policy";
import type { Draft, Line } from "./terms";
import { NO_LINE } from "./terms";

interface CartFieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
}

/** What is in the cart, and whose it is. */
export function CartFields({ draft, put }: CartFieldsProps) {
  const { t } = useTranslation();
  const { lines } = draft;
  const change = (at: number, line: Line) =>
    put({ lines: lines.map((own, place) => (place === at ? line : own)) });
  return (
    <>
      <fieldset className="stack">
        <legend>{t("quote.goods")}</legend>
        {lines.map((line, at) => (
          <div key={at} className="row">
            <LineFields line={line} set={(next) => change(at, next)} />
            {lines.length > 1 && (
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden />}
                aria-label={t("act.delete")}
                onClick={() => put({ lines: lines.filter((_, place) => place !== at) })}
              />
            )}
          </div>
        ))}
        <div>
          <Button size="small" onClick={() => put({ lines: [...lines, NO_LINE] })}>
            {t("quote.add_line")}
          </Button>
        </div>
      </fieldset>
      <BesideFields draft={draft} put={put} />
    </>
  );
}

function LineFields({ line, set }: { line: Line; set: (line: Line) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Input
        aria-label={t("quote.sku")}
        placeholder={t("quote.sku")}
        style={{ width: 200 }}
        maxLength={200}
        value={line.sku}
        onChange={(event) => set({ ...line, sku: event.target.value })}
      />
      <InputNumber
        aria-label={t("quote.pieces")}
        min={1}
        max={10_000}
        precision={0}
        prefix="×"
        style={{ width: 110 }}
        value={line.pieces}
        onChange={(pieces) => set({ ...line, pieces: pieces ?? 1 })}
      />
      <MoneyField
        label={t("quote.unit")}
        value={line.unit}
        set={(unit) => set({ ...line, unit })}
      />
    </>
  );
}

function BesideFields({ draft, put }: CartFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className="row wrap">
      {(["customer", "channel", "store"] as const).map((name) => (
        <label key={name} className="stack">
          <span>{t(`quote.${name}`)}</span>
          <Input
            style={{ width: 160 }}
            maxLength={100}
            placeholder={t("quote.may_be_empty")}
            value={draft[name]}
            onChange={(event) => put({ [name]: event.target.value })}
          />
        </label>
      ))}
      <label className="stack">
        <span>{t("quote.postage")}</span>
        <MoneyField
          label={t("quote.postage")}
          value={draft.postage}
          set={(postage) => put({ postage })}
        />
      </label>
      <label className="stack">
        <span>{t("quote.points")}</span>
        <InputNumber
          min={0}
          precision={0}
          style={{ width: 160 }}
          placeholder={t("quote.may_be_empty")}
          value={draft.points}
          onChange={(points) => put({ points })}
        />
      </label>
      <label className="stack">
        <span>{t("quote.codes")}</span>
        <Select
          mode="tags"
          open={false}
          suffixIcon={null}
          aria-label={t("quote.codes")}
          placeholder={t("quote.codes_how")}
          style={{ minWidth: 240 }}
          value={draft.codes}
          onChange={(codes: string[]) => put({ codes })}
        />
      </label>
    </div>
  );
}

interface MoneyFieldProps {
  label: string;
  value: number | null;
  set: (minor: number | null) => void;
}

function MoneyField({ label, value, set }: MoneyFieldProps) {
  const { minor, digits, currency } = useMinor("stored");
  return (
    <InputNumber
      aria-label={label}
      placeholder={label}
      min={0}
      precision={digits}
      suffix={currency}
      style={{ width: 180 }}
      value={value === null ? null : value / minor}
      onChange={(own) => set(own === null ? null : Math.round(own * minor))}
    />
  );
}
