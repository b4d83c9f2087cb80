// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import openapi, { astToString, COMMENT_HEADER } from "openapi-typescript";

const at = (path: string) => new URL(path, import.meta.url);

describe("the client", () => {
  it("is generated from the description of the API as it stands", async () => {
    const made = COMMENT_HEADER + astToString(await openapi(at("../../docs/openapi.json")));
    expect(readFileSync(at("../src/api/schema.d.ts"), "utf8")).toBe(made);
  }, 30_000);
});
