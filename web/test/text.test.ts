import { describe, expect, it } from "vitest";
import en from "../src/text/en.json";
import pageEn from "../src/text/page-en.json";
import pageZh from "../src/text/page-zh.json";
import zh from "../src/text/zh.json";
import { sources } from "./source";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") all.set(prefix + key, value);
    else for (const [name, text] of flat(value, `${prefix}${key}.`)) all.set(name, text);
  }
  return all;
}

/** A key without the ending by which a plural is chosen. */
const base = (key: string) => key.replace(/_(one|other)$/, "");
const texts = { zh: flat({ ...zh, ...pageZh }), en: flat({ ...en, ...pageEn }) };
const known = new Set([...texts.zh.keys()].map(base));
const code = sources(["src"], /\.tsx?$/)
  .map((file) => file.text)
  .join("\n");

/** Keys that stand in the code as they are, and beginnings or ends of those put together there. */
const whole = new Set([...code.matchAll(/["'`]([a-z_]+(?:\.[a-z0-9_]+)+)["'`]/g)].map((m) => m[1]));
const made = [...code.matchAll(/`([a-z_]+\.[a-z0-9_.]*)\$\{[^}]*\}([a-z0-9_.]*)`/g)];

function isUsed(key: string): boolean {
  return (
    whole.has(key) ||
    made.some(
      ([, head = "", tail = ""]) =>
        key.startsWith(head) && key.endsWith(tail) && key.length > head.length + tail.length,
    )
  );
}

describe("texts", () => {
  it("stand in one of two files", () => {
    const both = Object.keys(zh).filter((key) => key in pageZh || key in pageEn || !(key in en));
    expect(both).toEqual([]);
  });

  it("are there in both languages", () => {
    const other = new Set([...texts.en.keys()].map(base));
    expect([...known].filter((key) => !other.has(key))).toEqual([]);
    expect([...other].filter((key) => !known.has(key))).toEqual([]);
  });

  it("have what their plurals take", () => {
    const lacking = [...texts.en.keys()].filter(
      (key) => key.endsWith("_one") && !texts.en.has(`${base(key)}_other`),
    );
    expect(lacking).toEqual([]);
  });

  it("name the same values in both languages", () => {
    const values = (text: string) =>
      [...new Set([...text.matchAll(/\{\{(\w+)/g)].map((m) => m[1]))].sort().join();
    const optional = (text: string) => values(text).replace(/count,?|,count/, "");
    for (const [key, text] of texts.zh) {
      const english = texts.en.get(key) ?? "";
      expect(`${key}: ${optional(english)}`).toBe(`${key}: ${optional(text)}`);
    }
  });

  it("are all used", () => {
    expect([...known].filter((key) => !isUsed(key))).toEqual([]);
  });

  it("are there for every key in the code", () => {
    const asked = [...code.matchAll(/\bt\(\s*["']([a-z_.0-9]+)["']/g)].map((m) => m[1] ?? "");
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([]);
  });

  it("are punctuated as their language is", () => {
    const full = /[，。；：？！（）“”]/;
    const curly = /[，。；：？！（）]/;
    expect([...texts.en].filter(([, text]) => curly.test(text)).map(([key]) => key)).toEqual([]);
    const half = [...texts.zh].filter(([, text]) => /[\u4e00-\u9fff][,;?!]/.test(text));
    expect(half.map(([key]) => key)).toEqual([]);
    expect([...texts.zh.values()].some((text) => full.test(text))).toBe(true);
  });
});
