import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Guard } from "../../../part/confirm";
import { Asked, RowsSkeleton } from "../../../part/state";
import { useMoney } from "../../../part/value";
import { useApi } from "../../../api/hooks";
import type { Stacking } from "../../../api/shape";
import { StackingForm } from "./form";
import { rulesText } from "./say";

/** How offers go together, in sentences. */
export function StackingPart() {
  const { t } = useTranslation();
  const stacking = useApi("GET /stacking");
  return (
    <Asked query={stacking} what={t("stacking.one")} skeleton={<RowsSkeleton rows={6} />}>
      {(told) => <Rules own={told as Stacking} />}
    </Asked>
  );
}

function Rules({ own }: { own: Stacking }) {
  const { t } = useTranslation();
  const money = useMoney();
  const [open, setOpen] = useState(false);
  return (
    <section aria-label={t("stacking.one")} className="stack wide">
      <div className="row apart">
        <h2>{t("stacking.one")}</h2>
        <Guard may="benefits.write">
          <Button onClick={() => setOpen(true)}>{t("act.edit")}</Button>
        </Guard>
      </div>
      <ul className="stack prose">
        {rulesText(own, { t, money: money.full }).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="soft small prose">{t("stacking.best")}</p>
      {open && <StackingForm before={own} close={() => setOpen(false)} />}
    </section>
  );
}
