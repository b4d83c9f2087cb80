import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Stage } from "../../../api/shape";
import { moved } from "./terms";

/** The order in which stages are applied. */
export function OrderField({ order, set }: { order: Stage[]; set: (order: Stage[]) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="stack">
      <legend>{t("stacking.order")}</legend>
      <ol className="stack">
        {order.map((stage, at) => {
          const name = t(`stacking.stage.${stage}`);
          const button = (by: -1 | 1, sign: string, label: string) => (
            <Button
              size="small"
              disabled={order[at + by] === undefined}
              aria-label={label}
              title={label}
              onClick={() => set(moved(order, at, by))}
            >
              <span aria-hidden="true">{sign}</span>
            </Button>
          );
          return (
            <li key={stage} className="row">
              {button(-1, "↑", t("stacking.earlier", { name }))}
              {button(1, "↓", t("stacking.later", { name }))}
              <span>
                {at + 1}. {name}
                <span className="soft small"> {t(`stacking.stage_how.${stage}`)}</span>
              </span>
            </li>
          );
        })}
      </ol>
    </fieldset>
  );
}
