import { Tag, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import type { StratumName } from "../api/shape";
import * as format from "../format";
import { useLook } from "../look";
import { useShop } from "../session";

/** An amount in the shop's currency; the full figure on hover where it is shortened. */
export function Money({ minor }: { minor: number | null | undefined }) {
  const { currency } = useShop();
  const { lang } = useLook();
  if (minor == null) return <span className="soft">{format.NONE}</span>;
  const text = format.money(minor, currency, lang);
  const shown = <span className="nowrap">{text.short}</span>;
  if (text.short === text.full) return shown;
  return <Tooltip title={text.full}>{shown}</Tooltip>;
}

export function useMoney() {
  const { currency } = useShop();
  const { lang } = useLook();
  return {
    currency,
    short: (minor: number) => format.money(minor, currency, lang).short,
    full: (minor: number) => format.money(minor, currency, lang).full,
    round: (minor: number) => format.roundMoney(minor, currency, lang),
  };
}

export function Count({ value }: { value: number | null | undefined }) {
  if (value == null) return <span className="soft">{format.NONE}</span>;
  return <span className="nowrap">{format.count(value)}</span>;
}

export function Share({ value }: { value: number | null | undefined }) {
  return <span className="nowrap">{format.share(value)}</span>;
}

interface WhenProps {
  at: string | null | undefined;
  /** `both` has the relative time beside the date, `ago` alone with the date on hover. */
  as?: "day" | "minute" | "both" | "ago";
  none?: string;
}

export function When({ at, as = "day", none = format.NONE }: WhenProps) {
  const { time_zone: zone } = useShop();
  const { lang } = useLook();
  if (!at) return <span className="soft">{none}</span>;
  const full = format.minute(at, zone);
  const ago = format.relative(at, lang);
  if (as === "ago") {
    return (
      <Tooltip title={full}>
        <time dateTime={at} className="nowrap">
          {ago}
        </time>
      </Tooltip>
    );
  }
  const text = as === "minute" ? full : format.day(at, zone);
  if (as === "both") {
    return (
      <time dateTime={at} title={full}>
        <span className="nowrap">{text}</span> <span className="soft small nowrap">{ago}</span>
      </time>
    );
  }
  return (
    <time dateTime={at} title={`${full} (${ago})`} className="nowrap">
      {text}
    </time>
  );
}

const LENGTH_ONLY = /^\[(\d+) characters\]$/;

/** A masked value in the reader's language: of some the server tells no more than the length. */
export function useMaskText() {
  const { t } = useTranslation();
  return (value: string): string => {
    const length = LENGTH_ONLY.exec(value)?.[1];
    return length ? t("value.characters", { count: Number(length) }) : value;
  };
}

/** What is known and not shown: `138****1234`. */
export function Masked({ value, none }: { value: string | null | undefined; none?: string }) {
  const { t } = useTranslation();
  const maskText = useMaskText();
  if (!value) return <span className="soft">{none ?? format.NONE}</span>;
  return (
    <span title={t("value.masked")} className="nowrap">
      {maskText(value)}
    </span>
  );
}

export const STRATA: StratumName[] = [
  "key_value",
  "key_develop",
  "key_retain",
  "key_rescue",
  "value",
  "develop",
  "retain",
  "rescue",
];

export function StratumTag({ name }: { name: StratumName | null | undefined }) {
  const { t } = useTranslation();
  if (!name) return <span className="soft">{format.NONE}</span>;
  const key = name.startsWith("key_");
  const kind = name === "key_rescue" || name === "key_retain" ? "warn" : key ? "key" : "rest";
  return <span className={`stratum ${kind}`}>{t(`stratum.${name}`)}</span>;
}

export function OrderStatusTag({ status, kind }: { status: string; kind?: string }) {
  const { t } = useTranslation();
  if (kind && kind !== "order") return <Tag color="warning">{t(`order.kind.${kind}`)}</Tag>;
  return <Tag>{t(`order.status.${status}`)}</Tag>;
}
