import { useTranslation } from "react-i18next";
import type { PreferenceMarked } from "../../api/shape";

/** A category that a province's customers like, and how many times as much as others. */
export function Marked({ of }: { of: PreferenceMarked }) {
  const { t } = useTranslation();
  return (
    <>
      {of.category}{" "}
      <span className="nowrap">
        {of.times === null
          ? t("preference.only_here")
          : t("preference.times", { times: of.times.toFixed(1) })}
      </span>
    </>
  );
}
