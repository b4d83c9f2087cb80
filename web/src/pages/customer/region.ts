import { useCallback } from "react";
import { useTranslation } from "react-i18next";

interface Somewhere {
  country?: string | null;
  country_code?: string | null;
  province?: string | null;
  city?: string | null;
}

/** Where somebody or something is, from the large to the small, without saying a name twice. */
export function useRegion() {
  const { i18n } = useTranslation();
  return useCallback(
    (one: Somewhere): string => {
      if (one.province || one.city) {
        const parts = [one.province, one.city === one.province ? null : one.city];
        return parts.filter(Boolean).join(" ");
      }
      if (one.country_code && /^[A-Z]{2}$/.test(one.country_code)) {
        const names = new Intl.DisplayNames([i18n.language], { type: "region" });
        return names.of(one.country_code) ?? one.country_code;
      }
      return one.country ?? "–";
    },
    [i18n.language],
  );
}
