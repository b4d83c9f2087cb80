import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_CHECKOUTS, useAct } from "../../../api/hooks";
import type { CheckoutBack, CheckoutShown } from "../../../api/shape";
import { ConfirmAct } from "../../../part/confirm";
import { Section } from "../../../part/page";
import { useErrorText } from "../../../part/state";
import { useSpeaker } from "../../offer/say";
import { backText } from "./say";
import { left, piecesOf } from "./terms";

/** Pieces that come back, what that would give back, and giving it back. */
export function Refund({ own }: { own: CheckoutShown }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [pieces, setPieces] = useState<Record<number, number>>({});
  const [asking, setAsking] = useState(false);
  // One id for one state of the order: whoever presses twice gives back once.
  const [once] = useState(() => crypto.randomUUID());
  const preview = useAct("POST /checkouts/{checkout_id}/refund/preview");
  const refund = useAct("POST /checkouts/{checkout_id}/refund", OF_CHECKOUTS);
  const path = { checkout_id: own.checkout_id };
  const set = (line: number, count: number) => {
    const next = { ...pieces, [line]: count };
    setPieces(next);
    const lines = piecesOf(next);
    if (lines.length > 0) preview.mutate({ path, body: { lines } });
    else preview.reset();
  };
  const lines = piecesOf(pieces);
  const told = preview.isPending ? undefined : preview.data;
  return (
    <Section title={t("checkout.refund")}>
      <div className="stack">
        {own.quote.lines.map((line) => (
          <label key={line.line} className="row">
            <InputNumber
              aria-label={line.title ?? line.sku}
              min={0}
              max={left(own, line.line)}
              precision={0}
              style={{ width: 90 }}
              disabled={left(own, line.line) === 0}
              value={pieces[line.line] ?? 0}
              onChange={(count) => set(line.line, count ?? 0)}
            />
            <span>
              {line.title ?? line.sku}
              <span className="soft small">
                {" "}
                {t("checkout.of", { left: left(own, line.line), all: line.pieces })}
              </span>
            </span>
          </label>
        ))}
        {preview.error && <p role="alert">{errorText(preview.error)}</p>}
        {told && <Told told={told} />}
        <div>
          <Button danger disabled={lines.length === 0 || !told} onClick={() => setAsking(true)}>
            {t("checkout.give_back")}
          </Button>
        </div>
      </div>
      <ConfirmAct
        open={asking}
        title={t("checkout.give_back")}
        what={told && <Told told={told} />}
        verb={t("checkout.give_back")}
        danger
        act={() => refund.mutateAsync({ path, body: { lines }, once })}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

function Told({ told }: { told: CheckoutBack }) {
  const speaker = useSpeaker([]);
  return (
    <ul className="stack">
      {backText(told, speaker).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
