import { Checkbox } from "antd";
import { useTranslation } from "react-i18next";
import { useShop } from "../session";
import { MomentField } from "./moment";
import { isTurned } from "./zone";

/** From when until when; that there is no end has to be chosen. */
export interface Span {
  starts_at: string | null;
  ends_at: string | "never" | null;
}

interface SpanFieldsProps {
  span: Span;
  put: (part: Partial<Span>) => void;
}

/** From when until when something holds. */
export function SpanFields({ span, put }: SpanFieldsProps) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const { starts_at, ends_at } = span;
  const never = ends_at === "never";
  return (
    <div className="stack">
      <div className="row">
        <MomentField
          label={t("promotion.starts")}
          value={starts_at}
          set={(next) => put({ starts_at: next })}
        />
        <MomentField
          label={t("promotion.ends")}
          value={never ? null : ends_at}
          disabled={never}
          set={(next) => put({ ends_at: next })}
        />
      </div>
      <Checkbox
        checked={never}
        onChange={(event) => put({ ends_at: event.target.checked ? "never" : null })}
      >
        {t("promotion.never")}
      </Checkbox>
      {isTurned(starts_at, ends_at) && <span role="alert">{t("promotion.turned")}</span>}
      <span className="soft small">{t("promotion.zone", { zone })}</span>
    </div>
  );
}
