import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Adjustment } from "../../api/shape";
import { OF_LEDGER, useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { When } from "../../part/value";
import { useSession } from "../../session";
import { useChange } from "./unit";

/** Adjustments that are shown. */
const SHOWN = 10;

/** What was changed by hand of late, and what waits for a second person. */
export function Adjustments() {
  const { t } = useTranslation();
  const waiting = useApi("GET /adjustments", { query: { state: "waiting", limit: 50 } });
  const late = useApi("GET /adjustments", { query: { limit: SHOWN } });
  const [chosen, setChosen] = useState<{ one: Adjustment; yes: boolean } | null>(null);
  const decide = useAct("POST /adjustments/{adjustment_id}/decision", OF_LEDGER);
  const change = useChange();
  const me = useSession().session.user.user_id;
  const waits = waiting.data?.data ?? [];
  const past = (late.data?.data ?? []).filter((one) => one.state !== "waiting");
  return (
    <>
      {waits.length > 0 && (
        <section aria-label={t("adjustment.waiting")} className="card-part">
          <h2>{t("adjustment.waiting")}</h2>
          <p className="soft">{t("adjustment.waiting_why")}</p>
          <ul className="stack">
            {waits.map((one) => (
              <li key={one.adjustment_id} className="row apart">
                <Line one={one} />
                <Guard may="benefits.write">
                  <span className="nowrap">
                    {one.actor === me ? (
                      <span className="soft small">{t("adjustment.own")} </span>
                    ) : (
                      <Button size="small" onClick={() => setChosen({ one, yes: true })}>
                        {t("adjustment.approve")}
                      </Button>
                    )}{" "}
                    <Button size="small" danger onClick={() => setChosen({ one, yes: false })}>
                      {t(one.actor === me ? "adjustment.withdraw" : "adjustment.refuse")}
                    </Button>
                  </span>
                </Guard>
              </li>
            ))}
          </ul>
        </section>
      )}
      {past.length > 0 && (
        <details>
          <summary>{t("adjustment.past")}</summary>
          <ul className="stack">
            {past.map((one) => (
              <li key={one.adjustment_id}>
                <Line one={one} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <ConfirmAct
        open={chosen !== null}
        title={t(chosen?.yes ? "adjustment.approve" : "adjustment.refuse")}
        what={t(chosen?.yes ? "adjustment.approve_what" : "adjustment.refuse_what", {
          change: chosen ? change(chosen.one.unit, chosen.one.amount) : "",
          unit: chosen ? t(`ledger.unit.${chosen.one.unit}`) : "",
        })}
        verb={t(chosen?.yes ? "adjustment.approve" : "adjustment.refuse")}
        danger={chosen?.yes === false}
        act={() =>
          decide.mutateAsync({
            path: { adjustment_id: chosen?.one.adjustment_id ?? "" },
            body: { approve: chosen?.yes ?? false },
          })
        }
        onClose={() => setChosen(null)}
      />
    </>
  );
}

function Line({ one }: { one: Adjustment }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const change = useChange();
  return (
    <span className="booking">
      <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
        {t("adjustment.customer", { id: one.customer_id })}
      </Link>{" "}
      {t(`ledger.unit.${one.unit}`)} <strong>{change(one.unit, one.amount)}</strong> · {one.reason}
      <span className="soft small" style={{ display: "block" }}>
        {actorName(one.actor)} · <When at={one.at} as="minute" />
        {one.decided_by &&
          ` · ${t(`adjustment.by.${one.state}`, { name: actorName(one.decided_by) })}`}
      </span>
    </span>
  );
}
