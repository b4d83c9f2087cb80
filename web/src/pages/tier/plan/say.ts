import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/hooks";
import { count } from "../../../format";
import { useMoney } from "../../../part/value";
import type { Benefits, Level, Need, Plan } from "./terms";
import { NONE, ONCE, PERCENT } from "./terms";

/** What a plan of levels says, in words. */
export function usePlanText() {
  const { t, i18n } = useTranslation();
  const money = useMoney();
  const segments = useApi("GET /segments");
  const segment = (number: number | null | undefined) =>
    segments.data?.find((one) => one.segment_id === String(number))?.name ?? "";
  const need = (one: Need, has?: number | null) => {
    const shown = (amount: number) => (one.kind === "spend" ? money.full(amount) : count(amount));
    const text = t(`tier.plan.need_text.${one.kind}`, {
      amount: shown(one.at_least ?? 0),
      count: one.at_least ?? 0,
      name: segment(one.segment),
    });
    const known = has !== undefined && has !== null;
    return known ? t("tier.plan.has", { need: text, has: shown(has) }) : text;
  };
  const needs = (level: Level) => {
    const all = (level.needs ?? []).map((one) => need(one));
    return all.length
      ? all.join(t(level.all ? "tier.plan.and" : "tier.plan.or"))
      : t("tier.plan.by_hand");
  };
  const benefits = (own: Benefits | undefined): string[] => {
    const { points_times, discount, free_shipping, early_hours, others } = { ...NONE, ...own };
    // Chinese names what is left, in tenths.
    const off = discount / PERCENT;
    const said = i18n.language.startsWith("zh") ? (PERCENT - off) / 10 : off;
    return [
      ...(discount ? [t("tier.plan.off", { off: said })] : []),
      ...(points_times !== ONCE ? [t("tier.plan.times", { times: points_times / ONCE })] : []),
      ...(free_shipping ? [t("tier.plan.free_shipping")] : []),
      ...(early_hours ? [t("tier.plan.early", { count: early_hours })] : []),
      ...others,
    ];
  };
  const rules = (plan: Plan) =>
    [
      t(`tier.plan.window_text.${plan.window.kind}`, { count: plan.window.days ?? 0 }),
      t(`tier.plan.keep_text.${plan.keep.kind}${plan.keep.next ? "_next" : ""}`, {
        count: plan.keep.days ?? 0,
      }),
      ...(plan.grace_days ? [t("tier.plan.grace_text", { count: plan.grace_days })] : []),
      ...(plan.wait_days ? [t("tier.plan.wait_text", { count: plan.wait_days })] : []),
      ...(plan.one_step ? [t("tier.plan.one_step")] : []),
    ].join(t("ledger.stop"));
  return { need, needs, benefits, rules };
}
