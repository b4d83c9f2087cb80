import { count } from "../../../format";
import type { Speaker } from "../../offer/text";
import type {
  Quote,
  QuoteGift,
  QuoteMiss,
  QuoteOffer,
  QuoteStep,
  QuoteUnused,
} from "../../../api/shape";

type Words = Pick<Speaker, "t" | "money">;

/** What an offer is called. */
export function offerName({ kind, name, code }: QuoteOffer, { t }: Pick<Words, "t">): string {
  const own = t(`quote.offer.${kind}`, { name });
  return code ? t("quote.with_code", { offer: own, code }) : own;
}

/** Products with their pieces. */
export function giftsText(gifts: QuoteGift[], { t }: Pick<Words, "t">): string {
  const one = ({ title, sku, product_id, pieces }: QuoteGift) =>
    `${title ?? sku ?? product_id} × ${count(pieces)}`;
  return gifts.map(one).join(t("ledger.comma"));
}

/** What an offer did, beside what each line bears. */
export function stepText(step: QuoteStep, { t, money }: Words): string[] {
  const gifts = giftsText(step.gifts, { t });
  return [
    t("quote.measured", { count: step.measured_pieces, amount: money(step.measured_minor) }),
    ...(step.step === null ? [] : [t("quote.step", { place: step.step + 1 })]),
    ...(step.times > 1 ? [t("quote.times", { count: step.times })] : []),
    ...(step.off_minor ? [t("quote.off", { amount: money(step.off_minor) })] : []),
    ...(step.postage_minor ? [t("quote.postage_off", { amount: money(step.postage_minor) })] : []),
    ...(step.back_minor ? [t("quote.back", { amount: money(step.back_minor) })] : []),
    ...(gifts ? [t("quote.gifts", { gifts })] : []),
  ];
}

/** What is just out of reach, and what it would bring. */
export function missText({ offer, lacks, spend_minor, gain_minor }: QuoteMiss, words: Words) {
  const { t, money } = words;
  const told = {
    offer: offerName(offer, words),
    gain: money(gain_minor),
    // What more pieces cost is not always known.
    cost: spend_minor ? t("quote.at_least", { spend: money(spend_minor) }) : "",
  };
  if (lacks.kind === "pieces") return t("quote.miss_pieces", { ...told, count: lacks.pieces });
  if (lacks.kind === "money") return t("quote.miss_money", { ...told, spend: money(lacks.minor) });
  return t("quote.miss_parts", { ...told, parts: giftsText(lacks.parts, words) });
}

/** Why an offer does not apply. */
export function unusedText({ why, other }: QuoteUnused, words: Pick<Words, "t">): string {
  const { t } = words;
  if (why === "beside" && other) return t("quote.beside", { other: offerName(other, words) });
  return t(`quote.why.${why}`);
}

/** Whether a better answer can be ruled out. */
export function proofText({ proof }: Quote, { t, money }: Pick<Words, "t" | "money">): string {
  if (proof.exact) return t("quote.exact");
  const { value_minor, bound_minor } = proof;
  return t("quote.not_exact", { value: money(value_minor), bound: money(bound_minor) });
}
