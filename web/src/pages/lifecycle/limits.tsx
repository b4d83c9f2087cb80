import { Button, InputNumber, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lifecycle, LifecycleSetting } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";

const NUMBERS = ["new_days", "at_risk_days", "dormant_days", "lost_days", "loyal_orders"] as const;

/** The days and orders that part the stages. */
export function Limits({ report }: { report: Lifecycle }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [wish, setWish] = useState<LifecycleSetting>(report.setting);
  const save = useAct("PUT /lifecycle/setting", ["GET /lifecycle"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  const { learned } = report;
  return (
    <Section
      title={t("lifecycle.limits")}
      note={learned ? t("lifecycle.learned", { ...learned }) : t("lifecycle.not_learned")}
    >
      <Guard may="segments.write">
        <div className="row wrap">
          {NUMBERS.map((name) => (
            <label key={name} className="stack">
              <span className="small">{t(`lifecycle.limit.${name}`)}</span>
              <InputNumber
                min={1}
                precision={0}
                disabled={wish.learned && name.endsWith("_days") && name !== "new_days"}
                value={wish[name]}
                onChange={(next) => setWish({ ...wish, [name]: next ?? wish[name] })}
              />
            </label>
          ))}
          <label className="stack">
            <span className="small">{t("lifecycle.limit.learned")}</span>
            <Switch
              checked={wish.learned}
              disabled={!learned}
              onChange={(next) => setWish({ ...wish, learned: next })}
            />
          </label>
          <Button
            type="primary"
            loading={save.isPending}
            onClick={() => save.mutate({ body: wish })}
          >
            {t("act.save")}
          </Button>
        </div>
      </Guard>
    </Section>
  );
}
