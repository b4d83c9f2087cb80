import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "./memory";
import type { Lang } from "./theme";

const LANG = "lang";

export function firstLang(): Lang {
  const kept = recall(LANG);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** A language's texts are loaded when it is first spoken. */
async function load(lang: Lang) {
  if (i18next.hasResourceBundle(lang, "translation")) return;
  const texts = lang === "zh" ? await import("./text/zh.json") : await import("./text/en.json");
  i18next.addResourceBundle(lang, "translation", texts.default);
}

export async function startTexts(lang: Lang) {
  await i18next.use(initReactI18next).init({
    lng: lang,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await speak(lang);
}

export async function speak(lang: Lang) {
  await load(lang);
  await i18next.changeLanguage(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  remember(LANG, lang);
}

export function spoken(): Lang {
  return i18next.language === "en" ? "en" : "zh";
}
