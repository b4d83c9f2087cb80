import type { UseMutationOptions, UseQueryOptions } from "@tanstack/react-query";
import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { Answer, Input, OpName } from "./client";
import { ApiError, api } from "./client";

const FRESH_MS = 15_000;
const RETRIES = 2;

/** Refusals are final; only what may pass by itself is tried again. */
function worthAgain(failures: number, error: Error): boolean {
  if (failures >= RETRIES) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.code === "busy";
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: FRESH_MS, retry: worthAgain } },
});

type ReadOptions<K extends OpName> = Omit<
  UseQueryOptions<Answer<K>, Error, Answer<K>>,
  "queryKey" | "queryFn"
>;

export function keyOf(name: OpName, input: Input = {}): unknown[] {
  return [name, input.path ?? {}, input.query ?? {}, input.body ?? null];
}

/** Reads something and keeps it fresh. */
export function useApi<K extends OpName>(
  name: K,
  input: Input<K> = {},
  options: ReadOptions<K> & { keep?: boolean } = {},
) {
  const { keep, ...rest } = options;
  return useQuery<Answer<K>, Error, Answer<K>>({
    queryKey: keyOf(name, input as Input),
    queryFn: ({ signal }) => api(name, { ...input, signal }),
    ...(keep ? { placeholderData: keepPreviousData as never } : {}),
    ...rest,
  });
}

/** What is read again after something was done that may give people tags or levels. */
export const OF_MEMBERS: OpName[] = [
  "GET /tags",
  "GET /tags/{tag_id}/batches",
  "GET /tiers",
  "GET /tiers/plan",
  "GET /tiers/{tier_id}/grants",
  "POST /tiers/{tier_id}/people",
  "GET /activities",
  "GET /customers/{customer_id}/tags",
  "GET /customers/{customer_id}/tags/history",
  "GET /customers/{customer_id}/tier",
];

/** What is read again after something was booked for customers, or its rules changed. */
export const OF_LEDGER: OpName[] = [
  "GET /ledger",
  "GET /adjustments",
  "GET /customers/{customer_id}/wallet",
  "GET /customers/{customer_id}/transfers",
];

/** What is read again after coupons were changed or handed out. */
export const OF_COUPONS: OpName[] = [
  "GET /coupons",
  "GET /coupons/{coupon_id}/batches",
  "GET /customers/{customer_id}/coupons",
];

/** What is read again after promotions, or how they go with other offers, were changed. */
export const OF_PROMOTIONS: OpName[] = ["GET /promotions", "GET /stacking"];

/** What is read again after something was done with a checkout: it holds what others are. */
export const OF_CHECKOUTS: OpName[] = [
  "GET /checkouts",
  "GET /checkouts/{checkout_id}",
  ...OF_PROMOTIONS,
  ...OF_COUPONS,
  ...OF_LEDGER,
];

/** What is read again after rewards were changed or taken. */
export const OF_REWARDS: OpName[] = [
  "GET /rewards",
  "GET /exchanges",
  "GET /customers/{customer_id}/exchanges",
  ...OF_COUPONS,
  ...OF_LEDGER,
];

type WriteOptions<K extends OpName> = Omit<
  UseMutationOptions<Answer<K>, Error, Input<K>>,
  "mutationFn"
>;

/** Changes something; what `stale` names is read again after it. */
export function useAct<K extends OpName>(
  name: K,
  stale: OpName[] = [],
  options: WriteOptions<K> = {},
) {
  const client = useQueryClient();
  return useMutation<Answer<K>, Error, Input<K>>({
    ...options,
    mutationFn: (input) => api(name, input),
    onSettled: async () => {
      await Promise.all(stale.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
}
