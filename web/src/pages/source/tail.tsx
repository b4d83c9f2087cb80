import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { TailEvent } from "../../api/shape";
import { clock } from "../../format";
import { Channel } from "../../part/channel";
import { Empty, ErrorBox, RowsSkeleton } from "../../part/state";
import { useShop } from "../../session";

const POLL_MS = 2_000;
const SHOWN = 100;
const BECAME = ["visit", "cart", "favourite", "order", "review", "chat", "bot", "set_aside"];

/** The last events as they come in; none is asked for twice. */
function useTail(running: boolean) {
  const [events, setEvents] = useState<TailEvent[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const after = useRef<string | null>(null);
  useEffect(() => {
    if (!running) return;
    const aborter = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      try {
        const query = { after: after.current };
        const page = await api("GET /sources/tail", { query, signal: aborter.signal });
        after.current = page.next ?? after.current;
        setEvents((now) => [...[...page.data].reverse(), ...(now ?? [])].slice(0, SHOWN));
        setError(null);
      } catch (problem) {
        if (!aborter.signal.aborted) setError(problem);
      }
      if (!aborter.signal.aborted) timer = setTimeout(() => void poll(), POLL_MS);
    };
    void poll();
    return () => {
      aborter.abort();
      clearTimeout(timer);
    };
  }, [running]);
  return { events, error };
}

/** What its sender said, without what is personal. */
function said({ event_time, message_id, properties }: TailEvent): string {
  return JSON.stringify({ event_time, message_id, properties }, null, 2);
}

export function Tail() {
  const { t } = useTranslation();
  const [running, setRunning] = useState(true);
  const [only, setOnly] = useState<string | null>(null);
  const { events, error } = useTail(running);
  const shown = events?.filter((one) => only === null || one.became === only);
  return (
    <>
      <div className="row" style={{ marginBottom: 8 }}>
        <Button onClick={() => setRunning(!running)} aria-pressed={!running}>
          {t(running ? "source.pause" : "source.go_on")}
        </Button>
        <Select
          allowClear
          value={only}
          placeholder={t("source.became")}
          style={{ minWidth: 136 }}
          aria-label={t("source.became")}
          onChange={(value?: string | null) => setOnly(value ?? null)}
          options={BECAME.map((value) => ({ value, label: t(`became.${value}`) }))}
        />
        {running && <span className="soft small">{t("source.live")}</span>}
      </div>
      {error !== null && <ErrorBox error={error} />}
      {!shown && error === null && <RowsSkeleton rows={6} />}
      {shown?.length === 0 && <Empty title={t("source.silent")} why={t("source.silent_why")} />}
      {shown && shown.length > 0 && <TailTable events={shown} />}
    </>
  );
}

function TailTable({ events }: { events: TailEvent[] }) {
  const { t } = useTranslation();
  const heads = ["time", "event", "channel", "who", "became"];
  return (
    <div className="tail" tabIndex={0} role="group" aria-label={t("source.tail_rows")}>
      <table className="plain-table">
        <thead>
          <tr>
            {heads.map((key) => (
              <th key={key} scope="col">
                {t(`source.head_${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((one, at) => (
            <TailRow key={events.length - at} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TailRow({ one }: { one: TailEvent }) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const [open, setOpen] = useState(false);
  const became = BECAME.includes(one.became) ? t(`became.${one.became}`) : one.became;
  return (
    <>
      <tr>
        <td className="nowrap">{clock(one.received_time, zone)}</td>
        <td>
          <button
            type="button"
            className="quiet-button link"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {one.event}
          </button>
        </td>
        <td>
          <Channel name={one.channel} />
        </td>
        <td>
          {one.customer_id ? (
            <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
              {t("order.see_customer")}
            </Link>
          ) : (
            t(one.became === "bot" ? "became.bot" : "source.visitor")
          )}
        </td>
        <td>
          <span className={one.became === "set_aside" ? "attention" : ""}>{became}</span>
          {one.problem && <div className="attention small">{one.problem}</div>}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            <pre className="small">{said(one)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}
