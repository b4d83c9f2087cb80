import { Button, Drawer, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import type { Holding, Transfer, UnitName } from "../../api/shape";
import { OF_LEDGER, useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { Guard } from "../../part/confirm";
import { FormModal } from "../../part/form";
import { say } from "../../part/say";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useMinor } from "../ledger/policy";
import { useAmount, useChange, useSourceName } from "../ledger/unit";

const UNITS = ["points", "growth", "stored"] as const;
/** Bookings that are shown. */
const BOOKINGS = 100;

/** What somebody has of points, growth and stored value; who may changes it. */
export function Wallet({ id }: { id: string }) {
  const { t } = useTranslation();
  const wallet = useApi("GET /customers/{customer_id}/wallet", { path: { customer_id: id } });
  const [open, setOpen] = useState<"adjust" | "past" | null>(null);
  const close = () => setOpen(null);
  if (!wallet.data) return null;
  const used = wallet.data.some((one) => one.balance !== 0 || one.pending !== 0);
  return (
    <section aria-label={t("ledger.wallet")} className="card-part">
      <h2>{t("ledger.wallet")}</h2>
      {used ? (
        <dl className="facts">
          {wallet.data.map((one) => (
            <Held key={one.unit} one={one} />
          ))}
        </dl>
      ) : (
        <p className="soft">{t("ledger.nothing")}</p>
      )}
      <p className="row">
        <Guard may="benefits.write">
          <Button size="small" onClick={() => setOpen("adjust")}>
            {t("adjustment.make")}
          </Button>
        </Guard>
        <Button size="small" onClick={() => setOpen("past")}>
          {t("ledger.past")}
        </Button>
      </p>
      {open === "adjust" && <Adjust id={id} close={close} />}
      {open === "past" && <Past id={id} close={close} />}
    </section>
  );
}

function Held({ one }: { one: Holding }) {
  const { t } = useTranslation();
  const amount = useAmount();
  const soon = one.lots.find((lot) => lot.last_day !== null);
  const beside = [
    one.pending > 0 && t("ledger.more.pending", { amount: amount(one.unit, one.pending) }),
    one.held > 0 && t("ledger.more.held", { amount: amount(one.unit, one.held) }),
    one.owed > 0 && t("ledger.more.owed", { amount: amount(one.unit, one.owed) }),
    soon && t("ledger.more.soon", { amount: amount(one.unit, soon.remaining), day: soon.last_day }),
  ].filter(Boolean);
  return (
    <>
      <dt>{t(`ledger.unit.${one.unit}`)}</dt>
      <dd>
        {amount(one.unit, one.balance)}
        {beside.length > 0 && <div className="soft small">{beside.join(" · ")}</div>}
      </dd>
    </>
  );
}

function Adjust({ id, close }: { id: string; close: () => void }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const [unit, setUnit] = useState<UnitName>("points");
  const [value, setValue] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [once, setOnce] = useState(() => crypto.randomUUID());
  const { minor, digits, currency } = useMinor(unit);
  const make = useAct("POST /customers/{customer_id}/adjustments", OF_LEDGER, {
    onSuccess: (made) => {
      if (made.state === "waiting") say.info(t("adjustment.waits"));
      else say.success(t("act.saved"));
      close();
    },
    onError: (error) => {
      // What was refused did not happen; what got no answer may have, and happens once.
      if (error instanceof ApiError && error.status > 0) setOnce(crypto.randomUUID());
      say.error(errorText(error));
    },
  });
  const save = () => {
    const amount = Math.round((value ?? 0) * minor);
    make.mutate({ path: { customer_id: id }, body: { unit, amount, reason }, once });
  };
  return (
    <FormModal
      title={t("adjustment.make")}
      ready={value !== null && value !== 0 && reason.trim() !== ""}
      busy={make.isPending}
      save={save}
      close={close}
    >
      <label className="stack">
        <span>{t("ledger.what")}</span>
        <Select
          key={i18n.language}
          value={unit}
          onChange={setUnit}
          options={UNITS.map((own) => ({ value: own, label: t(`ledger.unit.${own}`) }))}
        />
      </label>
      <label className="stack">
        <span>{t("adjustment.amount")}</span>
        <InputNumber
          value={value}
          precision={digits}
          suffix={currency}
          style={{ width: "100%" }}
          onChange={setValue}
        />
        <span className="soft small">{t("adjustment.amount_how")}</span>
      </label>
      <label className="stack">
        <span>{t("tier.reason")}</span>
        <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
      </label>
    </FormModal>
  );
}

/** What a booking is to be called: what was held is settled, what was expected arrives. */
function kindOf({ kind, change }: Transfer): string {
  return kind === "post" && change < 0 ? "settled" : kind;
}

function Past({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const change = useChange();
  const amount = useAmount();
  const sourceName = useSourceName();
  const input = { path: { customer_id: id }, query: { limit: BOOKINGS } };
  const past = useApi("GET /customers/{customer_id}/transfers", input);
  return (
    <Drawer open onClose={close} size={560} title={t("ledger.past")}>
      <Asked query={past} what={t("ledger.past")} skeleton={<RowsSkeleton rows={6} />}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="soft">{t("ledger.no_past")}</p>
          ) : (
            <ul className="stack">
              {data.map((one) => (
                <li key={one.transfer_id} className="row apart">
                  <span>
                    {t(`ledger.kind.${kindOf(one)}`, {
                      house: t(`ledger.house.${one.house}`),
                    })}
                    {one.reason && ` · ${one.reason}`}
                    <span className="soft small" style={{ display: "block" }}>
                      {sourceName(one.source)} · {actorName(one.actor)} ·{" "}
                      <When at={one.at} as="minute" />
                      {one.last_day && ` · ${t("tier.until", { day: one.last_day })}`}
                    </span>
                  </span>
                  <span className="right nowrap">
                    {one.change === 0 ? (
                      <span className="soft">{amount(one.unit, one.amount)}</span>
                    ) : (
                      <strong>{change(one.unit, one.change)}</strong>
                    )}
                    <span className="soft small" style={{ display: "block" }}>
                      {t(`ledger.unit.${one.unit}`)}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Drawer>
  );
}
