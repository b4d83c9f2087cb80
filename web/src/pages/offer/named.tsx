import { Input, InputNumber, Switch } from "antd";
import { useTranslation } from "react-i18next";

interface Named {
  name: string;
  note: string;
  active: boolean;
}

interface NameFieldsProps {
  draft: Named;
  put: (part: Partial<Named>) => void;
}

/** What something is called, what it is for, and whether it counts. */
export function NameFields({ draft, put }: NameFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {(["name", "note"] as const).map((name) => (
        <label key={name} className="stack">
          <span>{t(`coupon.${name}`)}</span>
          <Input
            value={draft[name]}
            maxLength={name === "name" ? 60 : 500}
            onChange={(event) => put({ [name]: event.target.value })}
          />
        </label>
      ))}
      <label className="row">
        <Switch
          checked={draft.active}
          onChange={(active) => put({ active })}
          aria-label={t("promotion.active")}
        />
        <span>{t("promotion.active")}</span>
      </label>
    </>
  );
}

interface Limited {
  stock: number | null;
  each: number | null;
}

interface LimitFieldsProps {
  draft: Limited;
  put: (part: Partial<Limited>) => void;
}

/** How many there are, and how many one person gets; empty for as many as anybody wants. */
export function LimitFields({ draft, put }: LimitFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className="row">
      {(["stock", "each"] as const).map((name) => (
        <label key={name} className="stack">
          <span>{t(`promotion.limit.${name}`)}</span>
          <InputNumber
            aria-label={t(`promotion.limit.${name}`)}
            min={1}
            max={100_000_000}
            precision={0}
            style={{ width: 160 }}
            placeholder={t("promotion.limit.none")}
            value={draft[name]}
            onChange={(most) => put({ [name]: most })}
          />
        </label>
      ))}
    </div>
  );
}
