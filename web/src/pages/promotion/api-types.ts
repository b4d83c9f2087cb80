/** What openapi.json does not describe yet; see OF_PROMOTIONS for what takes its place. */
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import type { Input, OpName } from "../../api/client";
import * as hooks from "../../api/hooks";
import type { Page } from "../../api/shape";
import type { Limit, Offer as OfferTerms } from "../offer/terms";

export interface Promotion {
  promotion_id: string;
  name: string;
  note: string;
  active: boolean;
  version: number;
  terms: OfferTerms;
  starts_at: string;
  ends_at: string | null;
  state: "planned" | "running" | "over" | "off";
  owner: string;
  created_at: string;
  edited_at: string;
}
export type PromotionForm = Pick<
  Promotion,
  "name" | "note" | "active" | "terms" | "starts_at" | "ends_at"
>;

export type Stage = "price" | "member_price" | "promotion" | "coupon";
export interface Cash {
  points: number;
  minor: number;
  share_most: number;
  beside_coupons: boolean;
}
export interface Stacking {
  order: Stage[];
  base: "reduced" | "original";
  apart: [Stage, Stage][];
  once: Stage[][];
  promotions: Limit;
  coupons: Limit;
  share_most: number;
  below_cost: boolean;
  cash: Cash | null;
  overlap: "refused" | "best";
}

export interface QuoteForm {
  customer_id?: string;
  lines: { sku: string; pieces: number; unit_minor?: number }[];
  postage_minor?: number;
  channel?: string;
  store?: string;
  codes?: string[];
  points?: number;
}
export interface QuoteOffer {
  kind: "member_price" | "member_shipping" | "promotion" | "coupon";
  number: string;
  name: string;
  code: string | null;
}
export interface QuoteLine {
  line: number;
  sku: string;
  product_id: string;
  title: string | null;
  pieces: number;
  original_minor: number;
  off_minor: number;
  points_minor: number;
  pay_minor: number;
}
export interface QuoteStep {
  offer: QuoteOffer;
  stage: Stage;
  step: number | null;
  times: number;
  measured_minor: number;
  measured_pieces: number;
  off_minor: number;
  postage_minor: number;
  back_minor: number;
  worth_minor: number;
  gifts: { product_id: string; sku: string; title: string | null; pieces: number }[];
  lines: {
    line: number;
    before_minor: number;
    off_minor: number;
    after_minor: number;
    back_minor: number;
  }[];
}
export type QuoteLacks =
  | { kind: "money"; minor: number }
  | { kind: "pieces"; pieces: number }
  | { kind: "parts"; parts: { product: number; pieces: number }[] };
export interface QuoteMiss {
  offer: QuoteOffer;
  step: number | null;
  lacks: QuoteLacks;
  spend_minor: number;
  gain_minor: number;
}
export interface QuoteUnused {
  offer: QuoteOffer;
  why: string;
  other: QuoteOffer | null;
}
export interface Quote {
  lines: QuoteLine[];
  postage: { original_minor: number; off_minor: number; pay_minor: number };
  original_minor: number;
  off_minor: number;
  pay_minor: number;
  back_minor: number;
  steps: QuoteStep[];
  points: null | {
    points: number;
    minor: number;
    lines: { line: number; points: number; minor: number }[];
  };
  proof: { exact: boolean; value_minor: number; bound_minor: number };
  unused: QuoteUnused[];
  misses: QuoteMiss[];
}

interface Operations {
  "GET /promotions": { body: undefined; answer: Page<Promotion> };
  "POST /promotions": { body: PromotionForm; answer: Promotion };
  "PUT /promotions/{promotion_id}": { body: PromotionForm; answer: Promotion };
  "POST /promotions/{promotion_id}/end": { body: undefined; answer: Promotion };
  "DELETE /promotions/{promotion_id}": { body: undefined; answer: undefined };
  "GET /stacking": { body: undefined; answer: Stacking };
  "PUT /stacking": { body: Stacking; answer: Stacking };
  "POST /quotes": { body: QuoteForm; answer: Quote };
}
type Sent<B> = Omit<Input, "body"> & { body?: B };
interface Options<A> {
  onSuccess?: (answer: A) => void;
  onError?: (error: Error) => void;
}
type UseApi = <K extends keyof Operations>(
  name: K,
  input?: Sent<Operations[K]["body"]>,
) => UseQueryResult<Operations[K]["answer"]>;
type UseAct = <K extends keyof Operations>(
  name: K,
  stale?: OpName[],
  options?: Options<Operations[K]["answer"]>,
) => UseMutationResult<Operations[K]["answer"], Error, Sent<Operations[K]["body"]>>;

export const { useApi, useAct } = hooks as unknown as { useApi: UseApi; useAct: UseAct };
/** What is read again after promotions or the rules beside which they go were changed. */
export const OF_PROMOTIONS = ["GET /promotions", "GET /stacking"] as unknown as OpName[];
