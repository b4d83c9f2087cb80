import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { RuleGroupType } from "react-querybuilder";
import { sentence } from "../src/pages/segment/sentence";
import { ruleAt } from "../src/pages/segment/why";
import { finished, opened, saysNothing } from "../src/pages/segment/words";
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

  it("are found by their place", () => {
    const group = {
      combinator: "and",
      rules: [{ combinator: "or", rules: [rule("r", "=", 1), rule("f", "=", 2)] }],
    } as unknown as RuleGroupType;
    expect(ruleAt(group, "rules[0].rules[1]")).toMatchObject({ field: "f" });
    expect(ruleAt(group, "rules[7]")).toBeNull();
  });
});
