import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SystemState } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { bytes, count } from "../../format";
import { Facts, Section } from "../../part/page";
import { Asked } from "../../part/state";
import { When } from "../../part/value";

const REFRESH_MS = 10_000;
const LAG_SECONDS = 300;
const BACKUP_MS = 7 * 86_400_000;
const FREE_BYTES = 5 * 1024 ** 3;
const READERS = ["fold", "relay"];

export function SystemTab() {
  const { t } = useTranslation();
  const system = useApi("GET /system", {}, { refetchInterval: REFRESH_MS });
  return (
    <Asked query={system} what={t("setting.system")}>
      {(data) => (
        <>
          <Section title={t("system.health")}>
            <Health state={data} />
          </Section>
          <Section title={t("system.quota")}>
            <Quota shop={data.shop} />
          </Section>
        </>
      )}
    </Asked>
  );
}

/** When the last backup was made; a shop without a recent one is told so. */
function LastBackup({ at }: { at: string | null }) {
  const { t } = useTranslation();
  const old = at === null || Date.now() - Date.parse(at) > BACKUP_MS;
  return (
    <span className={old ? "attention" : ""}>
      {at === null ? t("system.backup_none") : <When at={at} as="minute" />}
    </span>
  );
}

/** How much the shop has of what it may have. */
function Quota({ shop }: { shop: SystemState["shop"] }) {
  const { t } = useTranslation();
  const most = (text: (value: number) => string, is: number, max: number | null) =>
    max === null ? (
      text(is)
    ) : (
      <span className={is >= max ? "attention" : ""}>
        {t("system.of", { is: text(is), most: text(max) })}
      </span>
    );
  const pace = shop.events_per_second_max;
  return (
    <Facts
      items={[
        [t("system.customers"), most(count, shop.customers, shop.customers_max)],
        [t("system.storage"), most(bytes, shop.storage_bytes, shop.storage_bytes_max)],
        [t("system.events"), pace === null ? t("system.no_limit") : count(pace)],
        [t("system.queries"), count(shop.queries_max)],
      ]}
    />
  );
}

function Health({ state }: { state: SystemState }) {
  const { t } = useTranslation();
  const { free_bytes: free } = state;
  const warn = (bad: boolean, text: ReactNode) => (
    <span className={bad ? "attention" : ""}>{text}</span>
  );
  const readers = state.readers.map(({ reader, rows, seconds }): [string, ReactNode] => [
    READERS.includes(reader) ? t(`system.reader_${reader}`) : reader,
    warn(
      seconds > LAG_SECONDS,
      rows === 0
        ? t("system.lag_none")
        : t("system.lag_is", { rows: count(rows), seconds: count(seconds) }),
    ),
  ]);
  return (
    <Facts
      items={[
        [t("system.version"), state.version],
        [t("system.database"), state.database === "sqlite" ? "SQLite" : "PostgreSQL"],
        [t("system.data"), bytes(state.data_bytes)],
        [t("system.free"), free === null ? "–" : warn(free < FREE_BYTES, bytes(free))],
        [t("system.backup"), <LastBackup at={state.last_backup_at} key="b" />],
        ...readers,
      ]}
    />
  );
}
