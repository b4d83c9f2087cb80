import { LoadingOutlined } from "@ant-design/icons";
import { ConfigProvider, theme } from "antd";
import type { ConfigProviderProps } from "antd";
import type { ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { setCaller } from "./api/client";
import { queryClient } from "./api/hooks";
import { speak } from "./i18n";
import { recall, remember } from "./memory";
import { Says } from "./part/say";
import type { Lang, Mode } from "./theme";
import { antTheme, paintRoot } from "./theme";

export type ModeWish = Mode | "system";
type Locale = ConfigProviderProps["locale"];

/** A button that shows a year is called by that year, not by what it does. */
function readable(locale: NonNullable<Locale>): Locale {
  const { DatePicker: picker } = locale;
  if (!picker) return locale;
  const lang = { ...picker.lang, yearSelect: "", monthSelect: "" };
  return { ...locale, DatePicker: { ...picker, lang } };
}

interface Look {
  mode: Mode;
  wish: ModeWish;
  setWish: (wish: ModeWish) => void;
  lang: Lang;
  setLang: (lang: Lang) => void;
}

const LookContext = createContext<Look | null>(null);

export function useLook(): Look {
  const look = useContext(LookContext);
  if (!look) throw new Error("useLook stands outside of LookProvider");
  return look;
}

const darkQuery = () => window.matchMedia("(prefers-color-scheme: dark)");

function useSystemMode(): Mode {
  const [dark, setDark] = useState(() => darkQuery().matches);
  useEffect(() => {
    const query = darkQuery();
    const follow = () => setDark(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return dark ? "dark" : "light";
}

function firstWish(): ModeWish {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}

async function loadLocale(lang: Lang): Promise<Locale> {
  if (lang === "zh") {
    const [locale] = await Promise.all([
      import("antd/es/locale/zh_CN"),
      import("dayjs/locale/zh-cn"),
    ]);
    return readable(locale.default);
  }
  return readable((await import("antd/es/locale/en_US")).default);
}

export function LookProvider({ first, children }: { first: Lang; children: ReactNode }) {
  const [wish, keepWish] = useState(firstWish);
  const [lang, keepLang] = useState<Lang>(first);
  const [locale, setLocale] = useState<Locale>();
  const system = useSystemMode();
  const mode = wish === "system" ? system : wish;

  const setWish = useCallback((next: ModeWish) => {
    remember("theme", next);
    keepWish(next);
  }, []);
  const setLang = useCallback((next: Lang) => {
    void speak(next).then(() => {
      keepLang(next);
      // Sentences of the server are asked for again in the other language.
      setCaller({ lang: next === "zh" ? "zh-CN" : "en" });
      void queryClient.invalidateQueries();
    });
  }, []);

  useEffect(() => paintRoot(mode, lang), [mode, lang]);
  useEffect(() => {
    setCaller({ lang: lang === "zh" ? "zh-CN" : "en" });
    let current = true;
    void loadLocale(lang).then((loaded) => current && setLocale(loaded));
    return () => {
      current = false;
    };
  }, [lang]);

  const look = useMemo(
    () => ({ mode, wish, setWish, lang, setLang }),
    [mode, wish, setWish, lang, setLang],
  );
  const algorithm = mode === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm;
  const styled = useMemo(() => antTheme(mode, lang, algorithm), [mode, lang, algorithm]);
  return (
    <LookContext.Provider value={look}>
      <ConfigProvider
        theme={styled}
        locale={locale}
        button={{ autoInsertSpace: false, loadingIcon: <LoadingOutlined aria-hidden /> }}
        wave={{ disabled: true }}
      >
        {children}
        <Says />
      </ConfigProvider>
    </LookContext.Provider>
  );
}
