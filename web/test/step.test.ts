import { describe, expect, it } from "vitest";
import type { Step } from "../src/pages/segment/step";
import {
  begun,
  canFollow,
  chained,
  inUnit,
  isNever,
  STEPS_MAX,
  stepsOf,
  unitsLeast,
  unitsMost,
  withoutStep,
  withStep,
} from "../src/pages/segment/step";

const rows = { combinator: "and", rules: [{ field: "net_minor", operator: ">", value: 1 }] };
const refunded: Step = { field: "refunds", match: { mode: "none" } };
const bought: Step = {
  field: "orders",
  match: { mode: "some" },
  value: rows,
  within: { count: 7, unit: "day" },
};
const viewed = { field: "events", operator: "=", value: null, then: { ...bought, then: refunded } };

describe("steps", () => {
  it("are one after the other here and within each other in a rule", () => {
    expect(stepsOf(viewed).map((step) => step.field)).toEqual(["orders", "refunds"]);
    expect(chained(stepsOf(viewed))).toEqual(viewed.then);
    expect(stepsOf({ field: "events", then: null })).toEqual([]);
    expect(chained([])).toBeUndefined();
  });

  it("begin with things that there are", () => {
    expect(begun(["events", "orders"])).toEqual({
      field: "orders",
      match: { mode: "some" },
      within: { count: 7, unit: "day" },
    });
    expect(begun(["events"]).field).toBe("events");
  });

  it("change one by one, and keep their rows while they are of the same things", () => {
    const steps = stepsOf(viewed);
    const [never] = withStep(steps, 0, { match: { mode: "none" } });
    expect(never).toMatchObject({ field: "orders", match: { mode: "none" }, value: rows });
    const [other, last] = withStep(steps, 0, { field: "cart" });
    expect(other).toMatchObject({ field: "cart", within: { count: 7, unit: "day" } });
    expect(other).not.toHaveProperty("value");
    expect(last).toBe(steps[1]);
    const [ever] = withStep(steps, 0, { within: undefined });
    expect(JSON.parse(JSON.stringify(chained([ever as Step])))).not.toHaveProperty("within");
  });

  it("are taken away, and what came after follows the one before", () => {
    const steps = [bought, { ...bought, field: "purchases" }, refunded];
    expect(chained(withoutStep(steps, 1))).toEqual({ ...bought, then: refunded });
    expect(chained(withoutStep([bought], 0))).toBeUndefined();
  });

  it("end where nothing can follow", () => {
    expect(canFollow([])).toBe(true);
    expect(canFollow([bought])).toBe(true);
    expect(isNever(refunded)).toBe(true);
    expect(isNever({ field: "orders" })).toBe(false);
    expect(canFollow([bought, refunded])).toBe(false);
    // The behaviour that they follow is one of the server's eight.
    const most = Array.from({ length: STEPS_MAX - 1 }, () => bought);
    expect(canFollow(most.slice(1))).toBe(true);
    expect(canFollow(most)).toBe(false);
  });

  it("have times that the server takes", () => {
    expect(["minute", "hour", "day", "year"].map(unitsMost)).toEqual([2880, 48, 36525, 36525]);
    expect(["minute", "hour", "day"].map(unitsLeast)).toEqual([1, 1, 0]);
    expect(inUnit(90, "hour")).toEqual({ count: 48, unit: "hour" });
    expect(inUnit(0, "minute")).toEqual({ count: 1, unit: "minute" });
    expect(inUnit(30, "week")).toEqual({ count: 30, unit: "week" });
    expect(inUnit(null, "day")).toEqual({ count: null, unit: "day" });
  });
});
