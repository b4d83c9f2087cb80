import { useTranslation } from "react-i18next";
import type { PreferenceMarked } from "../../api/shape";
import { count, share } from "../../format";

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

/** How many bought it, here and elsewhere. */
export function Evidence({ of }: { of: PreferenceMarked }) {
  const { t } = useTranslation();
  return (
    <span className="soft small">
      {t("preference.evidence", {
        count: of.buyers,
        buyers: count(of.buyers),
        here: share(of.share),
        elsewhere: share(of.elsewhere_share),
      })}
    </span>
  );
}
