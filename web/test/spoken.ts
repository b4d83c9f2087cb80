import i18next from "i18next";
import en from "../src/text/en.json";
import pageEn from "../src/text/page-en.json";

const own = i18next.createInstance();
await own.init({
  lng: "en",
  resources: { en: { translation: { ...en, ...pageEn } } },
  interpolation: { escapeValue: false },
});

/** Puts things into English words: money as the plain figure. */
export const spoken = {
  t: own.t,
  chinese: false,
  money: (minor: number) => (minor / 100).toFixed(2),
  tier: (number: number) => `level ${String(number)}`,
  product: (number: number) => `product ${String(number)}`,
};
