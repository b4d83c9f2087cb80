import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sources } from "./source";

const LINES_MAX = 500;
const CHARS_MAX = 100;
const files = sources(["src", "test", "script"], /\.(tsx?|mjs|css)$/);
const cjk = /[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]/;

function lines(test: (line: string) => boolean, where = files): string[] {
  return where.flatMap((file) =>
    file.text.split("\n").flatMap((line, at) => (test(line) ? [`${file.name}:${at + 1}`] : [])),
  );
}

describe("sources", () => {
  it("have no files that are too long", () => {
    const long = files.filter((file) => file.text.split("\n").length > LINES_MAX + 1);
    expect(long.map((file) => file.name)).toEqual([]);
  });
  it("have no lines that are too long", () => {
    expect(lines((line) => [...line].length > CHARS_MAX)).toEqual([]);
  });
  it("put what people read into the texts", () => {
    const code = files.filter((file) => file.name.startsWith("src"));
    expect(lines((line) => cjk.test(line), code)).toEqual([]);
  });
  it("leave nothing for later and nothing behind", () => {
    const signs = new RegExp(
      ["TO" + "DO", "FIX" + "ME", "console\\.log", "debug" + "ger"].join("|"),
    );
    const code = files.filter((file) => !file.name.startsWith("script"));
    expect(lines((line) => signs.test(line), code)).toEqual([]);
  });
  it("name no place that packages came from", () => {
    const lock = readFileSync(join(import.meta.dirname, "..", "package-lock.json"), "utf8");
    expect(lock).not.toContain('"resolved"');
  });
});
