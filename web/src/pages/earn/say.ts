import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import type { EarnRule } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { useMoney } from "../../part/value";
import { useCan } from "../../session";
import { useAmount } from "../ledger/unit";
import { useNames } from "../segment/rosters";
import { sentence } from "../segment/sentence";
import { nameOf } from "../segment/words";
import { CAPS, ONCE, whenText } from "./terms";

/** What a rule says, line by line. */
export function useRuleText() {
  const { t } = useTranslation();
  const can = useCan();
  const money = useMoney();
  const amount = useAmount();
  const named = useNames();
  const segments = useApi("GET /segments", {}, { enabled: can("segments.read") }).data ?? [];
  const tier = (id: string) => named("tier", id) ?? id;
  return ({ unit, terms }: Pick<EarnRule, "unit" | "terms">): string[] => {
    const { trigger, formula, scope, boosts = [], caps, condition } = terms;
    const what = t(`earn.trigger_text.${trigger.kind}`, {
      event: trigger.event,
      days: trigger.days,
      segment: trigger.segment ? nameOf(segments, trigger.segment) : "",
    });
    const much = t(`earn.formula_text.${formula.kind}`, {
      amount: t(`earn.unit_count.${unit}`, {
        count: formula.amount,
        amount: amount(unit, formula.amount),
      }),
      per: formula.per_minor ? money.full(formula.per_minor) : "",
    });
    const names = [...(scope?.categories ?? []), ...(scope?.brands ?? [])].join(t("earn.comma"));
    const lines = [t("earn.sentence", { what, much })];
    if (names) lines.push(t(scope?.except ? "earn.scope_except" : "earn.scope_text", { names }));
    for (const { when, times } of boosts) {
      lines.push(t("earn.times_text", { when: whenText(when, t, tier), times: times / ONCE }));
    }
    for (const cap of CAPS) {
      const most = caps?.[cap];
      if (most) lines.push(t(`earn.cap_text.${cap}`, { amount: amount(unit, most) }));
    }
    if (terms.wait_days) lines.push(t("earn.wait_text", { count: terms.wait_days }));
    if (condition) {
      const speaker = { t, money: money.full, segments, named };
      lines.push(sentence(condition as unknown as RuleGroupType, speaker));
    }
    lines.push(
      terms.to
        ? t("earn.when_text.window", { from: terms.from, to: terms.to })
        : t("earn.since", { day: terms.from }),
    );
    return lines;
  };
}
