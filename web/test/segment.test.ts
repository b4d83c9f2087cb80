import { readFileSync } from "node:fs";
import { join } from "node:path";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { RuleGroupType } from "react-querybuilder";
import { sentence } from "../src/pages/segment/sentence";
import { foundField, ruleAt } from "../src/pages/segment/why";
import type { BuilderField } from "../src/pages/segment/words";
import {
  builderFields,
  finished,
  fitting,
  measureKind,
  opened,
  replaced,
  saysNothing,
} from "../src/pages/segment/words";
import firstEn from "../src/text/en.json";
import pageEn from "../src/text/page-en.json";
import pageZh from "../src/text/page-zh.json";
import firstZh from "../src/text/zh.json";

const [en, zh] = [
  { ...firstEn, ...pageEn },
  { ...firstZh, ...pageZh },
];
const speak = { en: i18next.createInstance(), zh: i18next.createInstance() };
beforeAll(async () => {
  const interpolation = { escapeValue: false };
  await speak.en.init({ lng: "en", resources: { en: { translation: en } }, interpolation });
  await speak.zh.init({ lng: "zh", resources: { zh: { translation: zh } }, interpolation });
});

const segments = [{ segment_id: "3", name: "老客" }] as never;
const say = (lang: "en" | "zh", rules: unknown[], more: object = {}) =>
  sentence({ combinator: "and", rules, ...more } as unknown as RuleGroupType, {
    t: speak[lang].t as never,
    money: (minor) => `¥${minor / 100}`,
    segments,
  });
const rule = (field: string, operator: string, value: unknown, more: object = {}) => ({
  field,
  operator,
  value,
  ...more,
});

describe("a sentence", () => {
  it("says from when until when, also where that moves with the days", () => {
    const ago = (count: number) => ({ ago: count, unit: "day" });
    const within = (value: unknown) => [rule("last_order_at", "within", value)];
    expect(say("zh", within({ from: ago(45), to: ago(20) }))).toContain("45 天前 到 20 天前 之间");
    expect(say("en", within({ from: ago(45), to: null }))).toContain("45 days ago");
    const season = { from: "11-01", to: "11-11", year: -1, lunar: false };
    expect(say("zh", within({ season }))).toContain("去年的 11-01 到 11-11");
    expect(say("en", within({ season: { ...season, lunar: true } }))).toContain("lunar calendar");
  });

  it("says conditions in both languages", () => {
    const rules = [
      rule("province", "=", "广东"),
      rule("net_minor", ">=", 100000),
      rule("last_order_at", "notWithin", { last: 90, unit: "day" }),
    ];
    expect(say("zh", rules)).toBe(
      "省份是广东，并且净消费不低于¥1000，并且最近下单不在最近 90 天内的客户。",
    );
    expect(say("en", rules)).toBe(
      "Customers with Province is 广东, and Net spend at least ¥1000, and " +
        "Last order not within the last 90 days.",
    );
    expect(say("zh", [])).toBe("全部客户。");
  });

  it("says what people did and what followed", () => {
    const viewed = rule(
      "events",
      "=",
      { combinator: "and", rules: [rule("event", "=", "Product Viewed")] },
      {
        match: { mode: "atLeast", threshold: 2 },
        then: rule("orders", "=", null, {
          match: { mode: "none" },
          within: { count: 2, unit: "hour" },
        }),
      },
    );
    expect(say("zh", [viewed])).toBe(
      "行为是Product Viewed的行为至少 2 次，随后2 小时内没有订单的客户。",
    );
    expect(say("en", [viewed])).toBe(
      "Customers with at least 2 events with Event is Product Viewed, " +
        "not followed within 2 hours by orders.",
    );
  });

  it("says what followed at any time, or on the same day", () => {
    const then = (more: object) => [
      rule("orders", "=", null, { then: { field: "refunds", ...more } }),
    ];
    expect(say("zh", then({}))).toBe("有过订单，之后有过退款的客户。");
    expect(say("en", then({ match: { mode: "none" } }))).toBe(
      "Customers with any orders, never followed by refunds.",
    );
    expect(say("zh", then({ within: { count: 0, unit: "day" } }))).toBe(
      "有过订单，随后当天内有退款的客户。",
    );
    expect(say("zh", [rule("events", "=", null, { then: { field: "cart" } })])).toBe(
      "有过行为，之后有过加购的商品的客户。",
    );
    expect(say("en", then({ within: { count: 1 } }))).toBe(
      "Customers with any orders, followed within 1 day by refunds.",
    );
  });

  it("says measures of money as money, and their number as a number", () => {
    const measured = (of: string, operator: string, value: unknown) => [
      rule("purchases", "=", null, { measure: { of, field: "amount_minor", operator, value } }),
    ];
    expect(say("zh", measured("sum", ">=", 50000))).toBe("购买的行金额合计不低于¥500的客户。");
    expect(say("zh", measured("distinct", ">=", 3))).toBe("购买的不同行金额数不低于3的客户。");
    expect(say("zh", [rule("purchases", "=", { combinator: "and", rules: [] })])).toBe(
      "有过购买的客户。",
    );
  });

  it("names segments, groups and opposites", () => {
    const inner = { combinator: "or", rules: [rule("r", ">=", 4), rule("segment", "=", "3")] };
    expect(say("zh", [inner, rule("email", "null", "")])).toBe(
      "（R 分不低于4，或者人群是老客），并且没有邮箱的客户。",
    );
    expect(say("en", [rule("r", ">=", 4)], { not: true })).toBe(
      "Customers with not (R score at least 4).",
    );
  });
});

describe("conditions", () => {
  it("count only when they are finished", () => {
    const group = {
      combinator: "and",
      rules: [
        rule("r", ">=", ""),
        rule("email", "null", ""),
        rule("orders", "=", "", { match: { mode: "some" } }),
        { combinator: "or", rules: [rule("net_minor", "between", [1, ""])] },
      ],
    } as unknown as RuleGroupType;
    const { expr, open } = finished(group);
    expect(open).toBe(2);
    expect(expr.rules.length).toBe(3);
    expect(saysNothing(expr)).toBe(false);
    expect(saysNothing(finished({ ...group, rules: [group.rules[0]] } as never).expr)).toBe(true);
  });

  it("tell the number of orders from orders", () => {
    const many = rule("orders", "=", null, { match: { mode: "some" } });
    const group = { combinator: "and", rules: [rule("orders", ">=", 2), many] };
    const here = opened(group as unknown as RuleGroupType);
    expect(here.rules.map((one) => (one as { field: string }).field)).toEqual([
      "orders.count",
      "orders",
    ]);
    expect(finished(here).expr).toEqual(group);
  });

  it("become the builder's and leave it without a loss", () => {
    const shops = ["complete-journey", "online-retail"];
    const exprs = shops.flatMap((shop) => {
      const path = join(import.meta.dirname, `../../tests/suite/segmenting/${shop}.json`);
      return (JSON.parse(readFileSync(path, "utf8")) as { expr: RuleGroupType }[]).map(
        (one) => one.expr,
      );
    });
    // Combinators between rules become groups; nobody is found by a comparison with nothing, and
    // the builder asks for a value.
    const other = /"(and|or)",\{|"operator":"[^"]+","value":(null|\[\])/;
    const plain = exprs.filter((expr) => !other.test(JSON.stringify(expr)));
    const told = JSON.stringify(plain);
    for (const part of ['"measure":', '"then":', '"within":', '"none"'])
      expect(told).toContain(part);
    for (const expr of plain) expect(finished(opened(expr))).toEqual({ expr, open: 0 });
  });

  it("have groups in the place of combinators between rules", () => {
    const [a, b, c] = ["r", "f", "m"].map((name) => rule(name, "=", 1));
    const or = { combinator: "or", rules: [a, { combinator: "and", rules: [b, c] }] };
    const mixed = (rules: unknown[]) => opened({ rules } as unknown as RuleGroupType);
    expect(mixed([a, "or", b, "AND", c])).toEqual(or);
    expect(mixed([a, "and", b])).toEqual({ combinator: "and", rules: [a, b] });
    const rows = mixed([rule("events", "=", null, { then: { field: "cart", value: { ...or } } })]);
    expect(rows.rules[0]).toMatchObject({ then: { value: or } });
  });

  it("are not finished while a measure or a time is lacking", () => {
    const sum = { of: "sum", field: "amount_minor", operator: ">=", value: "" };
    const step = {
      field: "refunds",
      match: { mode: "some" },
      within: { count: null, unit: "day" },
    };
    const rows = { combinator: "and", rules: [rule("quantity", ">", "")] };
    const open = (...rules: unknown[]) =>
      finished({ combinator: "and", rules } as unknown as RuleGroupType);
    expect(open(rule("purchases", "=", "", { measure: sum }))).toMatchObject({ open: 1 });
    expect(open(rule("orders", "=", "", { then: step })).expr.rules).toEqual([]);
    expect(open(rule("orders", "=", "", { then: { field: "cart", then: step } })).open).toBe(1);
    const cleared = { of: "last", operator: "within", value: { from: null, to: null } };
    expect(open(rule("orders", "=", "", { measure: cleared })).open).toBe(1);
    const inner = open(rule("orders", "=", "", { then: { field: "purchases", value: rows } }));
    expect(inner.open).toBe(1);
    expect(inner.expr.rules).toEqual([
      rule("orders", "=", null, {
        then: { field: "purchases", value: { combinator: "and", rules: [] } },
      }),
    ]);
    const none = { ...sum, operator: "null" };
    expect(open(rule("purchases", "=", "", { measure: none })).open).toBe(0);
  });

  it("are found by their place", () => {
    const group = {
      combinator: "and",
      rules: [{ combinator: "or", rules: [rule("r", "=", 1), rule("f", "=", 2)] }],
    } as unknown as RuleGroupType;
    expect(ruleAt(group, "rules[0].rules[1]")).toMatchObject({ field: "f" });
    expect(ruleAt(group, "rules[7]")).toBeNull();
  });

  it("say of which field the value is that was found", () => {
    const field = (of?: string) =>
      foundField(
        rule("orders", "=", null, of ? { measure: { of, field: "net_minor" } } : {}) as never,
      );
    expect([field(), field("sum"), field("distinct")]).toEqual(["orders", "net_minor", ""]);
  });
});

describe("what people did", () => {
  const word = (name: string, kind: string) => ({ name, kind, operators: ["="], values: [] });
  const words = {
    fields: [word("province", "text"), word("orders", "number")],
    collections: [
      { name: "purchases", fields: [word("amount_minor", "number"), word("placed_at", "time")] },
      { name: "orders", fields: [word("net_minor", "number")] },
    ],
  };
  const fields = builderFields(words as never, ((key: string) => key) as never);
  const known = new Map(fields.map((one) => [one.name, one]));
  const then = { field: "orders" };
  const sum = { of: "sum", field: "amount_minor", operator: ">=", value: 100 };
  const fit = (one: object) =>
    fitting({ combinator: "and", rules: [one] } as unknown as RuleGroupType, known).rules[0];

  it("is measured or counted, not both, and not what another thing has", () => {
    const spent = rule("purchases", "=", "", { measure: sum, then });
    expect(fit(spent)).toBe(spent);
    expect(fit({ ...spent, match: { mode: "some", threshold: 1 } })).toEqual(spent);
    const match = { mode: "some", threshold: 1 };
    const moved = rule("orders", "=", "", { measure: sum, then, match });
    expect(fit(moved)).toEqual(rule("orders", "=", "", { match, then }));
    const first = rule("orders", "=", "", {
      measure: { of: "first", operator: "<", value: "now" },
    });
    expect(fit(first)).toBe(first);
  });

  it("is forgotten when the condition becomes one on a field", () => {
    expect(fit(rule("province", "=", "", { measure: sum, then }))).toEqual(
      rule("province", "=", ""),
    );
    const group = { combinator: "or", rules: [rule("orders.count", "=", 2, { then })] };
    expect(fit(group)).toEqual({ combinator: "or", rules: [rule("orders.count", "=", 2)] });
    const unknown = rule("properties.colour", "=", "red");
    expect(fit(unknown)).toBe(unknown);
  });

  it("changes where it stands", () => {
    const inner = rule("orders", "=", "", {});
    const group = { combinator: "and", rules: [{ combinator: "or", rules: [inner] }] };
    const next = replaced(group as unknown as RuleGroupType, [0, 0], { then });
    expect(next.rules[0]).toEqual({ combinator: "or", rules: [{ ...inner, then }] });
  });

  it("has measures of the kind that the server reckons with", () => {
    const paid = { name: "paid_at", kind: "time" } as BuilderField;
    const kind = (of: string, field?: BuilderField) =>
      measureKind({ of, operator: "=", value: 1 } as never, field);
    expect(kind("count")).toBe("number");
    expect(kind("average", paid)).toBe("fraction");
    expect(kind("most", paid)).toBe("time");
    expect(kind("last")).toBe("time");
  });
});
