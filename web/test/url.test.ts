import { describe, expect, it } from "vitest";
import { isInside, parseSearch, stringifySearch } from "../src/search";
import { filtersOf, merged, readSort, writeSort } from "../src/url";

describe("addresses", () => {
  it("keep everything as text", () => {
    const search = { q: "13812341234", r: "5", cells: "54,55" };
    expect(parseSearch(stringifySearch(search))).toEqual(search);
    expect(stringifySearch({ q: "", a: undefined })).toBe("");
    expect(parseSearch("?q=%E7%86%9F%E5%AE%A2&x=1")).toEqual({ q: "\u719f\u5ba2", x: "1" });
  });
  it("lose what is cleared", () => {
    expect(merged({ a: "1", b: "2" }, { a: undefined, c: "3" })).toEqual({ b: "2", c: "3" });
  });
  it("tell filters from the place in a list", () => {
    expect(filtersOf({ q: "x", after: "9", sort: "-a" }, ["q", "r"])).toEqual({ q: "x" });
  });
  it("say how a list is sorted", () => {
    expect(readSort("-net_minor")).toEqual({ field: "net_minor", order: "descend" });
    expect(readSort(undefined)).toBeNull();
    expect(writeSort("orders", "ascend")).toBe("orders");
    expect(writeSort("orders", "descend")).toBe("-orders");
    expect(writeSort("orders", null)).toBeUndefined();
  });
  it("lead nowhere else", () => {
    const paths = ["/", "/orders?x=1", "//evil.example", "/\\evil.example", "https://evil.example"];
    expect(paths.map(isInside)).toEqual([true, true, false, false, false]);
  });
});
