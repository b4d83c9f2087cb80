import { Select } from "antd";
import { useTranslation } from "react-i18next";
import "./tag.css";

export const COLOURS = ["grey", "green", "blue", "purple", "red", "orange", "yellow", "teal"];

/** A tag's name beside its colour. */
export function TagMark({ name, colour }: { name: string; colour: string }) {
  return <span className={`tag-mark ${colour}`}>{name}</span>;
}

/** Asks for one of the colours. */
export function ColourSelect({ value, set }: { value: string; set: (colour: string) => void }) {
  const { t } = useTranslation();
  return (
    <label className="stack">
      <span>{t("tag.colour")}</span>
      <Select
        aria-label={t("tag.colour")}
        value={value}
        options={COLOURS.map((one) => ({
          value: one,
          label: <TagMark name={t(`tag.colours.${one}`)} colour={one} />,
        }))}
        onChange={set}
      />
    </label>
  );
}
