import { Checkbox, DatePicker, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import type { EditorProps } from "./words";
import { CALENDARS, UNITS } from "./words";

const DAY = "YYYY-MM-DD";
const WINDOW_DAYS = 90;
/** A month and a day, such as 02-01. */
const MONTH_DAY = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** Years of a season, counted from this one. */
const YEARS = [-2, -1, 0, 1] as const;

const WINDOWS = ["last", "next", "this", "previous", "between", "span", "season"] as const;
type WindowKind = (typeof WINDOWS)[number];
type Part = Record<string, unknown>;

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null;

function kindOf(value: unknown): WindowKind {
  if (!isPart(value)) return "last";
  if (isPart(value.from) || isPart(value.to)) return "span";
  return WINDOWS.find((kind) => kind in value) ?? "between";
}

function fresh(kind: WindowKind): unknown {
  if (kind === "last" || kind === "next") return { [kind]: WINDOW_DAYS, unit: "day" };
  if (kind === "between") return { from: dayjs().format(DAY), to: dayjs().format(DAY) };
  if (kind === "span") return { from: ago(WINDOW_DAYS), to: ago(WINDOW_DAYS / 3) };
  if (kind === "season") return { season: { from: "11-01", to: "11-11", year: -1, lunar: false } };
  return { [kind]: "month" };
}

const ago = (count: number) => ({ ago: count, unit: "day" });

/** A moment or a window of time. */
export function TimeValue({ operator, value, set, label }: EditorProps) {
  const { t, i18n } = useTranslation();
  const window = ["within", "notWithin", "anniversary", "lunarAnniversary"].includes(operator);
  if (!window) return <MomentValue {...{ operator, value, set, label }} />;
  const kind = kindOf(value);
  const own: Part = isPart(value) ? value : {};
  const change = (next: Part) => set({ ...own, ...next });
  return (
    <span className="row wrap">
      <Select
        key={i18n.language}
        aria-label={label}
        value={value === "" ? null : kind}
        placeholder={t("segment.window.pick")}
        options={WINDOWS.map((one) => ({ value: one, label: t(`segment.window.${one}`) }))}
        popupMatchSelectWidth={false}
        style={{ minWidth: 96 }}
        onChange={(next) => set(fresh(next))}
      />
      {value !== "" && (kind === "last" || kind === "next") && (
        <Span own={own} name={kind} change={change} />
      )}
      {(kind === "this" || kind === "previous") && (
        <UnitSelect
          units={CALENDARS}
          value={String(own[kind])}
          set={(next) => set({ [kind]: next })}
        />
      )}
      {value !== "" && kind === "between" && (
        <DatePicker.RangePicker
          value={[dated(own.from), dated(own.to)]}
          allowEmpty={[true, true]}
          onChange={(days) =>
            set({ from: days?.[0]?.format(DAY) ?? null, to: days?.[1]?.format(DAY) ?? null })
          }
        />
      )}
      {value !== "" && kind === "span" && <Between own={own} set={set} />}
      {value !== "" && kind === "season" && (
        <Season own={isPart(own.season) ? own.season : {}} set={set} />
      )}
    </span>
  );
}

interface SpanProps {
  own: Part;
  /** Which of its keys is the number. */
  name: string;
  change: (next: Part) => void;
}

/** A number of days, or of something else. */
function Span({ own, name, change }: SpanProps) {
  const { t } = useTranslation();
  return (
    <>
      <InputNumber
        aria-label={t("segment.window.count")}
        min={1}
        precision={0}
        value={Number(own[name])}
        style={{ width: 80 }}
        onChange={(next) => change({ [name]: next ?? 1 })}
      />
      <UnitSelect
        units={UNITS}
        value={String(own.unit ?? "day")}
        set={(unit) => change({ unit })}
      />
    </>
  );
}

interface UnitSelectProps {
  units: readonly string[];
  value: string;
  set: (next: string) => void;
}

function UnitSelect({ units, value, set }: UnitSelectProps) {
  const { t, i18n } = useTranslation();
  return (
    <Select
      key={i18n.language}
      aria-label={t("segment.window.unit")}
      value={value}
      options={units.map((one) => ({ value: one, label: t(`segment.unit.${one}`) }))}
      popupMatchSelectWidth={false}
      onChange={set}
    />
  );
}

/** From so long ago until so long ago; a bound that is a day stays one. */
function Between({ own, set }: { own: Part; set: (next: unknown) => void }) {
  const { t } = useTranslation();
  const bound = (name: "from" | "to") => {
    const value = own[name];
    return (
      <MomentValue
        operator="="
        value={value ?? ""}
        label={t(`segment.window.${name}`)}
        set={(next) => set({ ...own, [name]: next === "" ? null : next })}
      />
    );
  };
  return (
    <>
      {bound("from")}
      <span>{t("segment.window.until")}</span>
      {bound("to")}
    </>
  );
}

/** Days of a year, by the common or the lunar calendar. */
function Season({ own, set }: { own: Part; set: (next: unknown) => void }) {
  const { t, i18n } = useTranslation();
  const change = (next: Part) => set({ season: { ...own, ...next } });
  const day = (name: "from" | "to") => {
    const value = String(own[name] ?? "");
    return (
      <Input
        aria-label={t(`segment.window.${name}`)}
        value={value}
        placeholder="02-01"
        maxLength={5}
        style={{ width: 80 }}
        status={MONTH_DAY.test(value) ? "" : "error"}
        onChange={(event) => change({ [name]: event.target.value })}
      />
    );
  };
  return (
    <>
      <Select
        key={i18n.language}
        aria-label={t("segment.window.year")}
        value={Number(own.year ?? 0)}
        options={YEARS.map((one) => ({ value: one, label: t(`segment.window.years.${one + 2}`) }))}
        popupMatchSelectWidth={false}
        onChange={(year) => change({ year })}
      />
      {day("from")}
      <span>{t("segment.window.until")}</span>
      {day("to")}
      <Checkbox
        checked={own.lunar === true}
        onChange={(event) => change({ lunar: event.target.checked })}
      >
        {t("segment.window.lunar")}
      </Checkbox>
    </>
  );
}

function dated(value: unknown) {
  const day = typeof value === "string" ? dayjs(value) : null;
  return day?.isValid() ? day : null;
}

const MOMENTS = ["date", "ago", "ahead"] as const;

/** A day, or so long ago or ahead. */
function MomentValue({ operator, value, set, label }: Omit<EditorProps, "field">) {
  const { t, i18n } = useTranslation();
  if (operator === "between" || operator === "notBetween") {
    const [from, to] = Array.isArray(value) ? (value as unknown[]) : [null, null];
    return (
      <DatePicker.RangePicker
        value={[dated(from), dated(to)]}
        onChange={(days) => set(days ? days.map((day) => day?.format(DAY) ?? "") : "")}
      />
    );
  }
  const own: Part = isPart(value) ? value : {};
  const kind = MOMENTS.find((one) => one in own) ?? "date";
  return (
    <>
      <Select
        key={i18n.language}
        aria-label={t("segment.window.moment")}
        value={kind}
        options={MOMENTS.map((one) => ({ value: one, label: t(`segment.window.moments.${one}`) }))}
        popupMatchSelectWidth={false}
        onChange={(next) => set(next === "date" ? "" : { [next]: WINDOW_DAYS, unit: "day" })}
      />
      {kind === "date" ? (
        <DatePicker
          aria-label={label}
          value={dated(value)}
          onChange={(day) => set(day ? day.format(DAY) : "")}
        />
      ) : (
        <Span own={own} name={kind} change={(next) => set({ ...own, ...next })} />
      )}
    </>
  );
}
