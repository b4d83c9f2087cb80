import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import "./part.css";

const KNOWN = new Set([
  "bad_input",
  "unauthorized",
  "forbidden",
  "not_found",
  "conflict",
  "too_large",
  "unsupported",
  "busy",
  "timeout",
  "disk_full",
  "offline",
  "internal",
  "second_factor",
]);

/** What went wrong and what to do about it, in the reader's language. */
export function useErrorText() {
  const { t } = useTranslation();
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return t("error.internal");
    if (error.code === "bad_input" || error.code === "conflict") {
      const said = [error.message, error.hint].filter(Boolean).join(" ");
      if (said) return said;
    }
    return t(`error.${KNOWN.has(error.code) ? error.code : "internal"}`);
  };
}

interface ErrorBoxProps {
  error: unknown;
  what?: string;
  again?: (() => void) | undefined;
  /** Stands alone on a page. */
  whole?: boolean;
}

export function ErrorBox({ error, what, again, whole }: ErrorBoxProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <div className={whole ? "error-box whole" : "error-box"} role="alert">
      <p className="strong">{what ? t("error.title", { what }) : t("error.generic")}</p>
      <p>{text(error)}</p>
      {again && <Button onClick={again}>{t("error.again")}</Button>}
    </div>
  );
}

/** Why what somebody sent was not taken. */
export function FormError({ error }: { error: unknown }) {
  const text = useErrorText();
  return (
    <p className="form-error" role="alert">
      {text(error)}
    </p>
  );
}

/** What stands where a page threw. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const detail = error instanceof Error ? error.message : String(error);
  const stale = /dynamically imported module|Importing a module/.test(detail);
  return (
    <main className="error-box whole" role="alert">
      <h1>{stale ? t("app.new_version") : t("app.broken")}</h1>
      {!stale && <p>{t("app.broken_why")}</p>}
      {!stale && <pre className="small">{detail}</pre>}
      <Button type="primary" onClick={() => window.location.reload()}>
        {t("app.reload")}
      </Button>
    </main>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="error-box whole">
      <h1>{t("app.not_found")}</h1>
      <p>{t("app.not_found_why")}</p>
      <Link to="/">{t("app.to_overview")}</Link>
    </div>
  );
}

interface EmptyProps {
  title: string;
  why?: ReactNode;
  action?: ReactNode;
}

/** What will be here, why it is not, and the one thing to do. */
export function Empty({ title, why, action }: EmptyProps) {
  return (
    <div className="empty">
      <p className="strong">{title}</p>
      {why && <p className="soft prose">{why}</p>}
      {action && <div>{action}</div>}
    </div>
  );
}

/** Rows of the shape that will be there. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="rows-skeleton" role="status" aria-label={t("app.loading")}>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="bone" />
      ))}
    </div>
  );
}

export function BlockSkeleton({ height }: { height: number }) {
  const { t } = useTranslation();
  return <div className="bone" role="status" aria-label={t("app.loading")} style={{ height }} />;
}

interface AskedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  what?: string;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** An answer where it is there; else its skeleton, or what failed. */
export function Asked<T>({ query, what, skeleton, children }: AskedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) {
    return <ErrorBox error={query.error} what={what} again={() => void query.refetch()} />;
  }
  return <>{skeleton ?? <RowsSkeleton rows={4} />}</>;
}
