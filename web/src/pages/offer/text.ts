import type { TFunction } from "i18next";
import { count } from "../../format";
import type { Effect, Limit, Offer, Part, Threshold } from "./terms";
import { PERCENT, SHAPES, WHOLE } from "./terms";

/** What is needed to put offers into words. */
export interface Speaker {
  t: TFunction;
  /** Chinese names what is left of a price, in tenths. */
  chinese: boolean;
  money: (minor: number) => string;
  tier: (number: number) => string;
  product: (number: number) => string;
}

const MINUTES = 60;

/** A minute of a day as clocks show it. */
export function clockOf(minute: number): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(Math.floor(minute / MINUTES))}:${two(minute % MINUTES)}`;
}

/** A share as percents. */
export const percent = (share: number) => share / PERCENT;

export function partsText(parts: Part[], { t, product }: Speaker): string {
  const one = ({ product: own, pieces }: Part) => `${product(own)} × ${count(pieces)}`;
  return parts.map(one).join(t("ledger.comma"));
}

function fromText(from: Threshold, { t, money }: Speaker): string {
  if (from.kind === "none") return t("coupon.from.none");
  if (from.kind === "pieces") return t("coupon.from.pieces", { count: from.pieces });
  return t("coupon.from.money", { amount: money(from.minor) });
}

function shareText(share: number, { t, chinese }: Speaker): string {
  if (share === WHOLE) return t("offer.free");
  const off = percent(share);
  return t("coupon.gives.share", { off: chinese ? (WHOLE / PERCENT - off) / 10 : off });
}

function stepsText({ kind, steps = [] }: Effect, speaker: Speaker): string {
  const { t, money } = speaker;
  const gives = ({ minor, share, gifts }: (typeof steps)[number]["gives"]) => {
    if (minor !== undefined) return t("coupon.gives.minor", { amount: money(minor) });
    if (gifts) return t("offer.gives", { parts: partsText(gifts, speaker) });
    if (kind === "cash_back") return t("offer.back", { off: percent(share ?? 0) });
    return shareText(share ?? 0, speaker);
  };
  return steps
    .map((step) => `${fromText(step.from, speaker)} ${gives(step.gives)}`)
    .join(t("ledger.comma"));
}

/** What it does, without a limit. */
function doesText(effect: Effect, speaker: Speaker): string {
  const { t, money } = speaker;
  const { kind, each, from, share = 0 } = effect;
  const price = money(effect.price_minor ?? 0);
  const pieces = (own: number) => t("offer.pieces", { count: own });
  const together = pieces(typeof effect.pieces === "number" ? effect.pieces : 0);
  switch (kind) {
    case "amount_off_each": {
      const of = each?.kind === "pieces" ? pieces(each.pieces) : null;
      const per = of ?? money(each?.kind === "money" ? each.minor : 0);
      return t("offer.each", { per, amount: money(effect.off_minor ?? 0) });
    }
    case "piece_percent_off":
      return t("offer.a_piece", { off: shareText(share, speaker) });
    case "fixed_price":
      return t("offer.price", { price });
    case "bundle_price":
      return t("offer.bundle", { pieces: together, price });
    case "set_price":
      return t("offer.set", { parts: partsText(effect.parts ?? [], speaker), price });
    case "buy_get": {
      const { buy, get } = effect;
      if (share === WHOLE) return t("offer.buy_get_free", { buy, get });
      return t("offer.buy_get", { buy, get, off: shareText(share, speaker) });
    }
    case "exchange": {
      const names = (effect.products ?? []).map(speaker.product).join(t("ledger.comma"));
      const first = fromText(from ?? { kind: "none" }, speaker);
      if (!effect.price_minor)
        return t("offer.exchange_free", { from: first, names, pieces: together });
      return t("offer.exchange", { from: first, names, pieces: together, price });
    }
    default: {
      const known = (effect.steps ?? []).length > 0;
      const least = from ? `${fromText(from, speaker)} ` : "";
      return known ? stepsText(effect, speaker) : `${least}${t(`coupon.kind.${kind}`)}`;
    }
  }
}

export function effectText(effect: Effect, speaker: Speaker): string {
  const { t, money } = speaker;
  const cap = Object.entries(SHAPES).find(([kind]) => kind === effect.kind)?.[1].cap;
  const pieces = typeof effect.pieces === "object" ? effect.pieces : undefined;
  const most: Limit | undefined = effect.most ?? effect.times ?? pieces;
  const does = doesText(effect, speaker);
  if (!cap || most?.kind !== "at_most") return does;
  if (cap === "money") return does + t("coupon.cap", { amount: money(most.most) });
  return does + t(`offer.cap_${cap}`, { count: most.most });
}

/** To what and for whom, at which hours and beside what. */
export function scopeText({ scope, hours, stack }: Offer, speaker: Speaker): string[] {
  const { t, tier, product } = speaker;
  const { goods, tiers = [], segments = [], channels = [], stores = [] } = scope;
  const { categories = [], brands = [], products = [] } = goods.of ?? {};
  const { weekdays = [], month_days = [], spans = [] } = hours ?? {};
  const list = (names: string[]) => names.join(t("ledger.comma"));
  const named = list([...categories, ...brands, ...products.map(product)]);
  const span = ({ from_minute, to_minute }: (typeof spans)[number]) =>
    `${clockOf(from_minute)}–${clockOf(to_minute)}`;
  const week = weekdays.map((day) => t(`earn.weekday.${day}`));
  const said = (names: string[], text: (named: string) => string) =>
    names.length ? [text(list(names))] : [];
  return [
    goods.kind === "all" ? t("coupon.goods.all") : t(`coupon.goods.${goods.kind}`, { named }),
    ...(scope.full_price_only ? [t("offer.full_price_only")] : []),
    ...said(tiers.map(tier), (names) => t("coupon.for_tiers", { names })),
    ...(segments.length ? [t("coupon.for_segments", { count: segments.length })] : []),
    ...(scope.first_order ? [t("coupon.first_order")] : []),
    ...said(channels, (names) => t("offer.in_channels", { names })),
    ...said(stores, (names) => t("offer.in_stores", { names })),
    ...said(week, (names) => names),
    ...said(month_days.map(String), (days) => t("earn.when_text.month_day", { days })),
    ...said(spans.map(span), (names) => names),
    ...(stack?.alone ? [t("offer.alone_text")] : []),
    ...(stack?.group ? [t("offer.group_text", { group: stack.group })] : []),
  ];
}
