import { CloseOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { DayField } from "../../part/day";
import { useRosters } from "../segment/rosters";
import type { Boost } from "./terms";
import { boosted, ONCE, WHENS } from "./terms";

interface BoostsProps {
  boosts: Boost[];
  /** Whether the rule is about orders, whose lines have categories. */
  orders: boolean;
  today: string;
  set: (boosts: Boost[]) => void;
}

/** By how much what customers get is multiplied, and when. */
export function Boosts({ boosts, orders, today, set }: BoostsProps) {
  const { t } = useTranslation();
  const change = (at: number, boost: Boost) =>
    set(boosts.map((own, place) => (place === at ? boost : own)));
  const kinds = WHENS.filter((kind) => orders || kind !== "category");
  return (
    <div className="stack">
      <span>{t("earn.boosts")}</span>
      {boosts.map((boost, at) => (
        <div key={at} className="row">
          <span>×</span>
          <InputNumber
            aria-label={t("earn.times")}
            min={0.1}
            max={100}
            step={0.5}
            precision={2}
            style={{ width: 80 }}
            value={boost.times / ONCE}
            onChange={(times) => change(at, { ...boost, times: Math.round((times ?? 1) * ONCE) })}
          />
          <WhenField boost={boost} set={(next) => change(at, next)} />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t("act.delete")}
            onClick={() => set(boosts.filter((_, place) => place !== at))}
          />
        </div>
      ))}
      <Select
        key={`boost ${boosts.length}`}
        aria-label={t("earn.add_boost")}
        placeholder={t("earn.add_boost")}
        value={null}
        options={kinds.map((kind) => ({ value: kind, label: t(`earn.when.${kind}`) }))}
        onChange={(kind: Boost["when"]["kind"]) => set([...boosts, boosted(kind, today)])}
      />
    </div>
  );
}

function WhenField({ boost, set }: { boost: Boost; set: (boost: Boost) => void }) {
  const { t, i18n } = useTranslation();
  const { when } = boost;
  const { tier } = useRosters(["tier"]);
  const put = (part: Partial<Boost["when"]>) => set({ ...boost, when: { ...when, ...part } });
  const label = t(`earn.when.${when.kind}`);
  if (when.kind === "window") {
    return (
      <>
        <DayField label={t("list.from")} value={when.from ?? null} set={(from) => put({ from })} />
        <DayField label={t("list.to")} value={when.to ?? null} set={(to) => put({ to })} />
      </>
    );
  }
  if (when.kind === "category") {
    return (
      <Select
        mode="tags"
        aria-label={label}
        placeholder={label}
        value={when.categories ?? []}
        style={{ minWidth: 200 }}
        onChange={(categories: string[]) => put({ categories })}
      />
    );
  }
  if (when.kind === "tier") {
    return (
      <Select
        mode="multiple"
        aria-label={label}
        placeholder={label}
        value={(when.tiers ?? []).map(String)}
        options={tier}
        style={{ minWidth: 200 }}
        onChange={(tiers: string[]) => put({ tiers: tiers.map(Number) })}
      />
    );
  }
  const last = when.kind === "weekday" ? 7 : 31;
  const days = Array.from({ length: last }, (_, at) => at + 1);
  const name = (day: number) => (when.kind === "weekday" ? t(`earn.weekday.${day}`) : String(day));
  return (
    <Select
      key={i18n.language}
      mode="multiple"
      aria-label={label}
      placeholder={label}
      value={when.days ?? []}
      options={days.map((day) => ({ value: day, label: name(day) }))}
      style={{ minWidth: 200 }}
      onChange={(next: number[]) => put({ days: next })}
    />
  );
}
