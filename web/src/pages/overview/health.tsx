import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ShopState } from "../../api/shape";
import { count } from "../../format";
import { Go } from "../../part/go";
import { When } from "../../part/value";

/** A stream that is further behind than this needs somebody. */
const LAG_SECONDS = 300;

/** Whether what the figures stand on is fresh and whole. */
export function Health({ state }: { state: ShopState }) {
  const { t } = useTranslation();
  const { last_event_at: event, lag_seconds: lag, set_aside: aside } = state;
  return (
    <dl className="health">
      <Item name={t("overview.last_import")}>
        {state.last_import_at ? (
          <>
            <p>
              <When at={state.last_import_at} as="both" />
            </p>
            <p>
              <Link to="/imports">{t("overview.all_imports")}</Link>
            </p>
          </>
        ) : (
          <p className="soft">{t("overview.no_import")}</p>
        )}
      </Item>
      <Item name={t("overview.stream")} warn={lag > LAG_SECONDS || aside > 0}>
        {event ? (
          <p>
            {t("overview.last_event")} <When at={event} as="ago" />
          </p>
        ) : (
          <p className="soft">{t("overview.no_event")}</p>
        )}
        {lag > LAG_SECONDS && (
          <p className="attention">{t("overview.lag", { count: Math.round(lag / 60) })}</p>
        )}
        {aside > 0 && (
          <p>
            <Go to="/sources">{t("overview.set_aside", { count: aside })}</Go>
          </p>
        )}
      </Item>
      <Item name={t("overview.contents")}>
        <p>
          <Link to="/customers">{t("overview.customers", { count: state.customers })}</Link>
        </p>
        <p>
          <Link to="/orders">{t("overview.orders", { count: state.orders })}</Link>
        </p>
        <p className="soft">
          {t("overview.rest", { products: count(state.products), events: count(state.events) })}
        </p>
      </Item>
    </dl>
  );
}

function Item({ name, warn, children }: { name: string; warn?: boolean; children: ReactNode }) {
  return (
    <div className={warn ? "health-item warn" : "health-item"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
