import { DownOutlined, PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, DatePicker, Dropdown, Input, InputNumber, Popover, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { exponent, symbol } from "../format";
import { useShop } from "../session";
import type { Search } from "../url";

interface Base {
  key: string;
  name: string;
  /** Always shown; the others are shown when they are wanted. */
  main?: boolean;
}
export interface Choice {
  value: string;
  label: string;
  aside?: string;
}
export type Filter = Base &
  (
    | { kind: "text"; hint: string }
    | { kind: "choice"; options: Choice[] }
    | { kind: "number" | "money" | "date" }
  );

export function keysOf(filter: Filter): string[] {
  if (filter.kind === "number" || filter.kind === "money") {
    return [`${filter.key}_min`, `${filter.key}_max`];
  }
  return filter.kind === "date" ? [`${filter.key}_from`, `${filter.key}_to`] : [filter.key];
}

interface BarProps {
  filters: Filter[];
  search: Search;
  change: (next: Search) => void;
  children?: React.ReactNode;
}

export function FilterBar({ filters, search, change, children }: BarProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<string[]>([]);
  const isSet = (filter: Filter) => keysOf(filter).some((key) => search[key]);
  const shown = filters.filter((one) => one.main || isSet(one) || wanted.includes(one.key));
  const rest = filters.filter((one) => !shown.includes(one));
  const anySet = filters.some(isSet);
  const clear = () => {
    setWanted([]);
    change(Object.fromEntries(filters.flatMap(keysOf).map((key) => [key, undefined])));
  };
  return (
    <div className="filter-bar" role="search" aria-label={t("list.filter")}>
      <div className="filters">
        {shown.map((filter) => (
          <OneFilter key={filter.key} filter={filter} search={search} change={change} />
        ))}
        {rest.length > 0 && (
          <Dropdown
            trigger={["click"]}
            menu={{
              items: rest.map((one) => ({ key: one.key, label: one.name })),
              onClick: ({ key }) => setWanted([...wanted, key]),
            }}
          >
            <Button icon={<PlusOutlined aria-hidden />} type="dashed">
              {t("list.filter")}
            </Button>
          </Dropdown>
        )}
        {anySet && (
          <Button type="link" onClick={clear}>
            {t("list.clear")}
          </Button>
        )}
      </div>
      <div className="tools">{children}</div>
    </div>
  );
}

interface OneProps {
  filter: Filter;
  search: Search;
  change: (next: Search) => void;
}

function OneFilter({ filter, search, change }: OneProps) {
  const set = (value: string | undefined) => change({ [filter.key]: value });
  if (filter.kind === "text") {
    return <TextFilter filter={filter} value={search[filter.key] ?? ""} set={set} />;
  }
  if (filter.kind === "choice") {
    return (
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        placeholder={filter.name}
        aria-label={filter.name}
        value={search[filter.key] ?? null}
        onChange={set}
        style={{ minWidth: 128 }}
        popupMatchSelectWidth={false}
        options={filter.options}
        optionRender={(option) => (
          <div className="row apart">
            <span>{option.label}</span>
            <span className="soft small">{option.data.aside}</span>
          </div>
        )}
        labelRender={({ label, value }) => (
          <>
            {filter.name}: {label ?? value}
          </>
        )}
      />
    );
  }
  return <RangeFilter filter={filter} search={search} change={change} />;
}

interface TextFilterProps {
  filter: Filter & { kind: "text" };
  value: string;
  set: (value: string | undefined) => void;
}

function TextFilter({ filter, value, set }: TextFilterProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = () => text.trim() !== value && set(text.trim() || undefined);
  return (
    <Input
      className="search"
      value={text}
      placeholder={filter.hint}
      aria-label={filter.name}
      prefix={<SearchOutlined aria-hidden="true" className="soft" />}
      allowClear
      title={filter.hint}
      onChange={(event) => {
        setText(event.target.value);
        if (!event.target.value) set(undefined);
      }}
      onBlur={done}
      onPressEnter={done}
    />
  );
}

function RangeFilter({ filter, search, change }: OneProps) {
  const { t } = useTranslation();
  const { currency } = useShop();
  const [open, setOpen] = useState(false);
  const [from, to] = keysOf(filter) as [string, string];
  const scale = filter.kind === "money" ? 10 ** exponent(currency) : 1;
  const shown = (value: string | undefined) => {
    if (!value) return "";
    return filter.kind === "date" ? value : String(Number(value) / scale);
  };
  const low = shown(search[from]);
  const high = shown(search[to]);
  const unit = filter.kind === "money" ? symbol(currency) : "";
  const said =
    low && high
      ? `${unit}${low} – ${unit}${high}`
      : low
        ? `≥ ${unit}${low}`
        : high
          ? `≤ ${unit}${high}`
          : "";
  const fields =
    filter.kind === "date" ? (
      <Dates from={low} to={high} set={(a, b) => change({ [from]: a, [to]: b })} />
    ) : (
      <Numbers
        from={low}
        to={high}
        unit={unit}
        set={(a, b) => {
          const whole = (text: string) => (text ? String(Math.round(Number(text) * scale)) : "");
          change({ [from]: whole(a), [to]: whole(b) });
          setOpen(false);
        }}
      />
    );
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      placement="bottomLeft"
      content={<div className="filter-range">{fields}</div>}
      destroyOnHidden
    >
      <Button aria-haspopup="dialog">
        {filter.name}
        {said ? `: ${said}` : ""} <DownOutlined aria-label={t("list.filter")} />
      </Button>
    </Popover>
  );
}

interface RangeFieldsProps {
  from: string;
  to: string;
  unit?: string;
  set: (from: string, to: string) => void;
}

function Numbers({ from, to, unit, set }: RangeFieldsProps) {
  const { t } = useTranslation();
  const [low, setLow] = useState(from);
  const [high, setHigh] = useState(to);
  const text = (value: number | string | null) => (value == null ? "" : String(value));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        set(low, high);
      }}
    >
      <div className="pair row">
        <InputNumber
          prefix={unit}
          value={low || null}
          placeholder={t("list.from")}
          autoFocus
          aria-label={t("list.from")}
          onChange={(value) => setLow(text(value))}
        />
        <InputNumber
          prefix={unit}
          value={high || null}
          placeholder={t("list.to")}
          aria-label={t("list.to")}
          onChange={(value) => setHigh(text(value))}
        />
      </div>
      <Button type="primary" htmlType="submit">
        {t("list.apply")}
      </Button>
    </form>
  );
}

function Dates({ from, to, set }: RangeFieldsProps) {
  const { t } = useTranslation();
  const at = (text: string) => (text ? dayjs(text) : null);
  return (
    <>
      <DatePicker
        value={at(from)}
        placeholder={t("list.date_from")}
        style={{ width: "100%" }}
        aria-label={t("list.date_from")}
        onChange={(value) => set(value?.format("YYYY-MM-DD") ?? "", to)}
      />
      <DatePicker
        value={at(to)}
        placeholder={t("list.date_to")}
        style={{ width: "100%" }}
        aria-label={t("list.date_to")}
        onChange={(value) => set(from, value?.format("YYYY-MM-DD") ?? "")}
      />
    </>
  );
}
