import type { Lang } from "./theme";

/** Digits after the point, where it is not two (ISO 4217). */
const EXPONENTS: Record<string, number> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
};

const SYMBOLS: Record<string, string> = {
  CNY: "¥",
  USD: "$",
  GBP: "£",
  EUR: "€",
  BRL: "R$",
  HKD: "HK$",
};

/** Amounts from here on, in whole units, are shortened in Chinese. */
const WAN_FROM = 100_000;
const YI_FROM = 100_000_000;
const WAN = { size: 10_000, name: "\u4e07" };
const YI = { size: 100_000_000, name: "\u4ebf" };

const MINUS = "−";
export const NONE = "–";

export function exponent(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

export function symbol(currency: string): string {
  return SYMBOLS[currency] ?? `${currency} `;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

export function count(value: number): string {
  const sign = value < 0 ? MINUS : "";
  return sign + grouped(String(Math.abs(Math.round(value))));
}

export interface MoneyText {
  /** As it stands in a table. */
  short: string;
  /** To the last minor unit. */
  full: string;
}

/** An amount of whole minor units of a currency. */
export function money(minor: number, currency: string, lang: Lang): MoneyText {
  const places = exponent(currency);
  const sign = minor < 0 ? MINUS : "";
  const head = sign + symbol(currency);
  const digits = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const rest = places > 0 ? `.${digits.slice(-places)}` : "";
  const full = head + grouped(whole) + rest;
  const size = Number(whole);
  const unit = lang !== "zh" || size < WAN_FROM ? null : size < YI_FROM ? WAN : YI;
  if (!unit) return { short: full, full };
  const hundredths = Math.round((Math.abs(minor) * 100) / (10 ** places * unit.size));
  const parts = [grouped(String(Math.floor(hundredths / 100))), String(hundredths % 100)];
  return { short: `${head}${parts[0]}.${parts[1]?.padStart(2, "0")} ${unit.name}`, full };
}

/** An amount without its fraction, for axes and places with little room. */
export function roundMoney(minor: number, currency: string, lang: Lang): string {
  const whole = minor / 10 ** exponent(currency);
  const size = Math.abs(whole);
  const head = (whole < 0 ? MINUS : "") + symbol(currency);
  if (lang === "zh" && size >= YI_FROM) return `${head}${trimmed(size / YI.size)} ${YI.name}`;
  if (lang === "zh" && size >= WAN.size) return `${head}${trimmed(size / WAN.size)} ${WAN.name}`;
  if (lang === "en" && size >= 1_000_000) return `${head}${trimmed(size / 1_000_000)}m`;
  if (lang === "en" && size >= 10_000) return `${head}${trimmed(size / 1_000)}k`;
  return head + grouped(String(Math.round(size)));
}

function trimmed(value: number): string {
  return value >= 100 ? grouped(String(Math.round(value))) : String(Math.round(value * 10) / 10);
}

/** The number of minor units that somebody typed as an amount, or null where it is none. */
export function minorOf(text: string, currency: string): number | null {
  const plain = text.replaceAll(",", "").trim();
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  return Math.round(Number(plain) * 10 ** exponent(currency));
}

/** An amount as plain digits, for fields and spreadsheets. */
export function plainAmount(minor: number, currency: string): string {
  const places = exponent(currency);
  return (minor / 10 ** places).toFixed(places);
}

export function share(value: number | null | undefined): string {
  return value == null ? NONE : `${(value * 100).toFixed(1)}%`;
}

/** How a figure changed: its sign, and the relative change where there is something before it. */
export function change(value: number | null, before: number | null): number | null {
  if (value == null || before == null || before === 0) return null;
  return (value - before) / Math.abs(before);
}

export function signedShare(value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? MINUS : "";
  return `${sign}${(Math.abs(value) * 100).toFixed(1)}%`;
}

const parts = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = parts.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  parts.set(zone, made);
  return made;
}

function pieces(at: Date, zone: string): Record<string, string> {
  return Object.fromEntries(
    formatter(zone)
      .formatToParts(at)
      .map((p) => [p.type, p.value]),
  );
}

/** The local day of a moment: 2026-11-22. */
export function day(at: string | Date, zone: string): string {
  const p = pieces(new Date(at), zone);
  return `${p.year}-${p.month}-${p.day}`;
}

/** A day without its year, which no line break may part: 11-22. */
export function monthDay(date: string): string {
  return date.slice(5).replace("-", "\u2011");
}

/** A moment by the shop's clocks: 2026-11-22 14:05. */
export function minute(at: string | Date, zone: string): string {
  const p = pieces(new Date(at), zone);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** The time of day with seconds: 14:05:09. */
export function clock(at: string | Date, zone: string): string {
  const p = pieces(new Date(at), zone);
  return `${p.hour}:${p.minute}:${p.second}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago, in words. */
export function relative(at: string | Date, lang: Lang, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(0, "second");
}

/** A day some days away from another. */
export function shiftDay(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** How long an answer took, and other short spans. */
export function span(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const SIZES = ["B", "KB", "MB", "GB", "TB"];

export function bytes(value: number): string {
  let size = value;
  let at = 0;
  while (size >= 1024 && at < SIZES.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${at === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${SIZES[at]}`;
}

/** A cell of a CSV file that a spreadsheet cannot take for a formula. */
export function csvCell(value: unknown): string {
  const text = value == null ? "" : String(value);
  const risky = typeof value !== "number" && /^[=+\-@\t\r]/.test(text);
  const safe = risky ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
