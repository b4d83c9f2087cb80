import { CloseOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, InputNumber, Select, TimePicker } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import type { OfferFieldsProps } from "./effect";
import type { Span } from "./terms";

const DAY_MINUTES = 1_440;
/** The lunch hours: what a new span shows until it is changed. */
const BEGUN: Span = { from_minute: 720, to_minute: 840 };
const DAYS = { weekdays: 7, month_days: 31 } as const;

/** At which hours an offer holds, and beside what. */
export function WhenFields({ draft, put }: OfferFieldsProps) {
  const { t, i18n } = useTranslation();
  const { hours } = draft;
  const set = (part: Partial<typeof hours>) => put({ hours: { ...hours, ...part } });
  const name = (list: keyof typeof DAYS, day: number) =>
    list === "weekdays" ? t(`earn.weekday.${day}`) : String(day);
  return (
    <>
      {(["weekdays", "month_days"] as const).map((list) => (
        <label key={list} className="stack">
          <span>{t(`offer.${list}`)}</span>
          <Select
            key={i18n.language}
            mode="multiple"
            aria-label={t(`offer.${list}`)}
            placeholder={t("offer.every_day")}
            value={hours[list]}
            options={Array.from({ length: DAYS[list] }, (_, at) => ({
              value: at + 1,
              label: name(list, at + 1),
            }))}
            onChange={(days: number[]) => set({ [list]: days.sort((a, b) => a - b) })}
          />
        </label>
      ))}
      <Spans spans={hours.spans} set={(spans) => set({ spans })} />
      <Checkbox checked={draft.alone} onChange={(event) => put({ alone: event.target.checked })}>
        {t("offer.alone_text")}
      </Checkbox>
      <div className="row">
        <label className="stack">
          <span>{t("offer.group")}</span>
          <Input
            value={draft.group}
            maxLength={100}
            disabled={draft.alone}
            onChange={(event) => put({ group: event.target.value })}
          />
          <span className="soft small">{t("offer.group_how")}</span>
        </label>
        <label className="stack">
          <span>{t("offer.place")}</span>
          <InputNumber
            min={0}
            max={10_000}
            precision={0}
            value={draft.place}
            onChange={(place) => put({ place: place ?? 0 })}
          />
          <span className="soft small">{t("offer.place_how")}</span>
        </label>
      </div>
    </>
  );
}

interface SpansProps {
  spans: Span[];
  set: (spans: Span[]) => void;
}

function Spans({ spans, set }: SpansProps) {
  const { t } = useTranslation();
  const change = (at: number, part: Partial<Span>) =>
    set(spans.map((own, place) => (place === at ? { ...own, ...part } : own)));
  const clock = (minute: number, label: string, put: (minute: number) => void) => (
    <TimePicker
      aria-label={label}
      format="HH:mm"
      allowClear={false}
      needConfirm={false}
      value={dayjs()
        .startOf("day")
        .hour(Math.floor(minute / 60) % 24)
        .minute(minute % 60)}
      onChange={(next) => next && put(next.hour() * 60 + next.minute())}
    />
  );
  return (
    <fieldset className="stack">
      <legend>{t("offer.spans")}</legend>
      {spans.map((span, at) => (
        <div key={at} className="row">
          {clock(span.from_minute, t("offer.span_from"), (from_minute) =>
            change(at, { from_minute }),
          )}
          –
          {clock(span.to_minute, t("offer.span_to"), (to) =>
            // Midnight ends a day here; the server counts it as the day's last minute.
            change(at, { to_minute: to || DAY_MINUTES }),
          )}
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t("act.delete")}
            onClick={() => set(spans.filter((_, place) => place !== at))}
          />
        </div>
      ))}
      <div>
        <Button size="small" onClick={() => set([...spans, BEGUN])}>
          {t("offer.add_span")}
        </Button>
      </div>
    </fieldset>
  );
}
