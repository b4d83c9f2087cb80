import type { MappingAlgorithm, ThemeConfig } from "antd";

/** The one place that knows colours, sizes and type. */
export interface Tokens {
  accent: string;
  accentHover: string;
  onAccent: string;
  attention: string;
  danger: string;
  paper: string;
  sheet: string;
  raised: string;
  ink: string;
  soft: string;
  line: string;
  edge: string;
  hover: string;
  chosen: string;
  bar: string;
  /** Shades of a heat map, from little to much. */
  heat: [string, string, string, string, string];
  /** Text on the last shade of the heat map. */
  onHeat: string;
  /** Colours of at most five series. */
  series: [string, string, string, string, string];
}

const light: Tokens = {
  accent: "#0F766E",
  accentHover: "#0B5D57",
  onAccent: "#FFFFFF",
  attention: "#C2410C",
  danger: "#B42318",
  paper: "#FBFAF7",
  sheet: "#FFFFFF",
  raised: "#FFFFFF",
  ink: "#1C1E21",
  soft: "#5C5F62",
  line: "#E7E3DA",
  edge: "#CBC6BA",
  hover: "#F4F2EC",
  chosen: "#E6F2EF",
  bar: "#9AA5A3",
  heat: ["#E6F2EF", "#C9E4DF", "#9FD0C8", "#6DB5AA", "#0F766E"],
  onHeat: "#FFFFFF",
  series: ["#0F766E", "#9AA5A3", "#C2410C", "#4A6FA5", "#8A6D3B"],
};

const dark: Tokens = {
  accent: "#2DD4BF",
  accentHover: "#5EEAD4",
  onAccent: "#14171A",
  attention: "#FB923C",
  danger: "#F97066",
  paper: "#14171A",
  sheet: "#191D21",
  raised: "#20252A",
  ink: "#ECEAE4",
  soft: "#A9ABA7",
  line: "#2C3136",
  edge: "#434A51",
  hover: "#1F2429",
  chosen: "#17312F",
  bar: "#6F7A78",
  heat: ["#17282A", "#173632", "#18463F", "#185A51", "#2DD4BF"],
  onHeat: "#14171A",
  series: ["#2DD4BF", "#8B9694", "#FB923C", "#8FB3E8", "#D1B26F"],
};

export type Mode = "light" | "dark";
export type Lang = "zh" | "en";

export const tokens: Record<Mode, Tokens> = { light, dark };

const chinese = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"';

export function fontFamily(lang: Lang): string {
  if (lang === "en") return `Inter, system-ui, "Noto Sans", ${chinese}, sans-serif`;
  return `${chinese}, Inter, system-ui, sans-serif`;
}

export const monospace = 'ui-monospace, "SF Mono", Consolas, "Noto Sans Mono CJK SC", monospace';

/** Ant Design darkens what it is given in the dark; the accent stays what it is. */
function exact(t: Tokens): MappingAlgorithm {
  return (_, map) => ({
    ...(map as NonNullable<typeof map>),
    colorPrimary: t.accent,
    colorPrimaryHover: t.accentHover,
    colorPrimaryActive: t.accentHover,
    colorPrimaryText: t.accent,
    colorPrimaryBg: t.chosen,
    colorPrimaryBorder: t.accent,
    colorError: t.danger,
    colorErrorText: t.danger,
    colorErrorHover: t.danger,
    colorErrorActive: t.danger,
    colorWarning: t.attention,
    colorWarningText: t.attention,
    colorInfo: t.accent,
    colorInfoBg: t.chosen,
    colorSuccessBg: t.chosen,
    colorLink: t.accent,
    colorLinkHover: t.accent,
    colorLinkActive: t.accent,
  });
}

/** Ant Design's theme; `algorithm` is its own of the same mode. */
export function antTheme(mode: Mode, lang: Lang, algorithm: ThemeConfig["algorithm"]): ThemeConfig {
  const t = tokens[mode];
  return {
    algorithm: [algorithm, exact(t)].flat().filter((one) => one !== undefined),
    cssVar: { key: "shuke" },
    hashed: false,
    token: {
      colorPrimary: t.accent,
      colorInfo: t.accent,
      colorSuccess: t.accent,
      colorWarning: t.attention,
      colorError: t.danger,
      colorLink: t.accent,
      colorLinkHover: t.accent,
      colorLinkActive: t.accent,
      colorText: t.ink,
      colorTextSecondary: t.soft,
      colorTextTertiary: t.soft,
      colorTextDescription: t.soft,
      colorTextPlaceholder: t.soft,
      colorTextLightSolid: t.onAccent,
      colorBgLayout: t.paper,
      colorBgContainer: t.sheet,
      colorBgElevated: t.raised,
      colorBorder: t.edge,
      colorBorderSecondary: t.line,
      colorSplit: t.line,
      colorPrimaryBg: t.chosen,
      controlItemBgActive: t.chosen,
      controlItemBgHover: t.hover,
      borderRadius: 6,
      fontSize: 14,
      fontSizeSM: 12,
      fontFamily: fontFamily(lang),
      fontFamilyCode: monospace,
      boxShadow: "0 4px 16px rgba(0, 0, 0, 0.12)",
      boxShadowSecondary: "0 4px 16px rgba(0, 0, 0, 0.12)",
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
      Table: {
        headerBg: t.paper,
        headerColor: t.soft,
        headerSplitColor: "transparent",
        rowHoverBg: t.hover,
        rowSelectedBg: t.chosen,
        rowSelectedHoverBg: t.chosen,
        cellPaddingBlock: 10,
        cellPaddingInline: 12,
      },
      Menu: {
        itemBg: "transparent",
        itemSelectedBg: t.chosen,
        itemSelectedColor: t.accent,
        itemHeight: 36,
        activeBarBorderWidth: 0,
      },
      Tooltip: {
        colorBgSpotlight: mode === "light" ? t.ink : t.raised,
        colorTextLightSolid: mode === "light" ? t.paper : t.ink,
      },
      Tag: { defaultBg: t.hover, defaultColor: t.ink },
    },
  };
}

/** ECharts' theme. */
export function chartTheme(mode: Mode, lang: Lang) {
  const t = tokens[mode];
  const axis = {
    axisLine: { lineStyle: { color: t.line } },
    axisTick: { show: false },
    axisLabel: { color: t.soft, fontSize: 12 },
    splitLine: { lineStyle: { color: t.line } },
  };
  return {
    color: t.series,
    backgroundColor: "transparent",
    textStyle: { color: t.ink, fontFamily: fontFamily(lang) },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 2 } },
    tooltip: {
      backgroundColor: t.raised,
      borderColor: t.line,
      textStyle: { color: t.ink, fontSize: 12 },
      extraCssText: "box-shadow: 0 4px 16px rgba(0,0,0,0.12)",
    },
  };
}

/** Lets style sheets use the tokens by name: `var(--ink)`. */
export function paintRoot(mode: Mode, lang: Lang) {
  const root = document.documentElement;
  const t = tokens[mode];
  for (const [name, value] of Object.entries(t)) {
    if (typeof value === "string") root.style.setProperty(`--${name}`, value);
    else
      value.forEach((one: string, at: number) => root.style.setProperty(`--${name}${at + 1}`, one));
  }
  root.style.setProperty("--font", fontFamily(lang));
  root.style.setProperty("--mono", monospace);
  root.style.colorScheme = mode;
  root.dataset.mode = mode;
}
