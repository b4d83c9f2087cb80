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

/** Languages whose texts are there, and those whose texts of further pages are. */
const loaded = { first: new Set<Lang>(), further: new Set<Lang>() };
/** Whether a page was opened beside the first ones. */
let further = false;

/** A language's texts are loaded when it is first spoken, those of further pages with these. */
async function load(lang: Lang) {
  if (!loaded.first.has(lang)) {
    const texts = lang === "zh" ? await import("./text/zh.json") : await import("./text/en.json");
    i18next.addResourceBundle(lang, "translation", texts.default, true);
    loaded.first.add(lang);
  }
  if (further && !loaded.further.has(lang)) {
    const texts =
      lang === "zh" ? await import("./text/page-zh.json") : await import("./text/page-en.json");
    i18next.addResourceBundle(lang, "translation", texts.default, true);
    loaded.further.add(lang);
  }
}

/** A page beside the first ones, with its texts. */
export async function withTexts<T>(page: Promise<T>): Promise<T> {
  further = true;
  const [shown] = await Promise.all([page, load(spoken())]);
  return shown;
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
