import type { paths } from "./schema";

const BASE = "/api/v1";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type JsonOf<T> = T extends { content: { "application/json": infer J } } ? J : undefined;
type AnswerOf<O> = O extends { responses: { 200: infer R } }
  ? JsonOf<R>
  : O extends { responses: { 201: infer R } }
    ? JsonOf<R>
    : undefined;
type Bytes = { content: { "application/octet-stream": unknown } };
type BodyOf<O> = O extends { requestBody: infer R }
  ? R extends Bytes
    ? Blob
    : JsonOf<R>
  : undefined;
type Described<P extends keyof paths> = {
  [M in Method]: P extends `/api/v1${infer Rest}`
    ? Lowercase<M> extends keyof paths[P]
      ? paths[P][Lowercase<M>] extends undefined
        ? never
        : { name: `${M} ${Rest}`; operation: paths[P][Lowercase<M>] }
      : never
    : never;
}[Method];
type Generated = {
  [D in Described<keyof paths> as D["name"]]: {
    answer: AnswerOf<D["operation"]>;
    body: BodyOf<D["operation"]>;
  };
};

/** Every operation, as openapi.json describes it. */
export type OpName = keyof Generated & string;
export type Answer<K extends OpName> = Generated[K] extends { answer: infer A } ? A : never;
export type Body<K extends OpName> = Generated[K] extends { body: infer B } ? B : never;

export type Query = Record<string, string | number | boolean | null | undefined>;
export interface Input<K extends OpName = OpName> {
  path?: Record<string, string>;
  query?: Query;
  body?: Body<K>;
  signal?: AbortSignal;
  /** An id by which it happens once, however often it is sent. */
  once?: string;
}

/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}

/** Who asks, and in which shop: set once signed in. */
const caller = { csrf: "", shop: "", lang: "zh-CN", onSignedOut: () => {} };

export function setCaller(change: Partial<typeof caller>) {
  Object.assign(caller, change);
}

export function address(name: string, input: Input = {}): string {
  const path = name
    .slice(name.indexOf(" ") + 1)
    .replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(input.path?.[key] ?? ""));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(input.query ?? {})) {
    if (value !== null && value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return BASE + path + (text ? `?${text}` : "");
}

function headers(method: string, body: unknown, once: string | undefined): Headers {
  const sent = new Headers({ Accept: "application/json", "Accept-Language": caller.lang });
  if (caller.shop) sent.set("X-Shop", caller.shop);
  if (method !== "GET") sent.set("X-CSRF-Token", caller.csrf);
  if (once) sent.set("Idempotency-Key", once);
  if (body instanceof Blob) sent.set("Content-Type", "application/octet-stream");
  else if (body !== undefined) sent.set("Content-Type", "application/json");
  return sent;
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: Record<string, string | null> } | null)?.error;
  const code = error?.code ?? (response.status >= 500 ? "internal" : "bad_input");
  const { message, field, hint } = error ?? {};
  return new ApiError(response.status, code, message ?? "", field ?? null, hint ?? null);
}

async function send(name: string, input: Input): Promise<Response> {
  const method = name.slice(0, name.indexOf(" "));
  const body: unknown = input.body;
  const init: RequestInit = {
    method,
    headers: headers(method, body, input.once),
    credentials: "same-origin",
    body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
  };
  if (input.signal) init.signal = input.signal;
  let response: Response;
  try {
    response = await fetch(address(name, input), init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "offline", "");
  }
  if (response.ok) return response;
  const error = await refusal(response);
  if (error.code === "unauthorized" && name !== "POST /session") caller.onSignedOut();
  throw error;
}

/** How long each answer took on its way, in milliseconds. */
const times = new WeakMap<object, number>();

export function tookOf(answer: unknown): number | null {
  return typeof answer === "object" && answer ? (times.get(answer) ?? null) : null;
}

/** Asks the server for something. */
export async function api<K extends OpName>(name: K, input: Input<K> = {}): Promise<Answer<K>> {
  const start = performance.now();
  const response = await send(name, input as Input);
  const empty = response.status === 204 || response.headers.get("Content-Length") === "0";
  const answer: unknown = empty ? undefined : await response.json();
  if (typeof answer === "object" && answer) times.set(answer, performance.now() - start);
  return answer as Answer<K>;
}

/** Asks for a file and hands it to the browser's downloads. */
export async function download(path: string, name: string) {
  const response = await send(`GET ${path}`, {});
  saveBlob(await response.blob(), name);
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
