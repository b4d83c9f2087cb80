import type { ReactNode } from "react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import "./part.css";

interface PageProps {
  title: string;
  /** One sentence that says what this is. */
  lead?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
  children: ReactNode;
}

export function usePageTitle(title: string) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
}

export function Page({ title, lead, actions, above, children }: PageProps) {
  usePageTitle(title);
  return (
    <div className="page">
      {above}
      <div className="page-head">
        <div className="grow">
          <h1>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  id?: string;
  aside?: ReactNode;
  note?: ReactNode;
  children: ReactNode;
}

export function Section({ title, id, aside, note, children }: SectionProps) {
  return (
    <section className="section" id={id} aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {note && (
        <p className="soft prose" style={{ marginBottom: 12 }}>
          {note}
        </p>
      )}
      {children}
    </section>
  );
}

/** Names and values, one below the other. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
