import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PositioningForm } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";
import { useCan } from "../../session";
import { ATTRIBUTES, useValueName, useValues } from "./words";
import type { Attribute } from "./words";

const VALUES_MAX = 50;

/** The people the shop is made for, to be declared. */
export function Declare({ declared }: { declared: PositioningForm }) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const values = useValues();
  const valueName = useValueName();
  const [attributes, setAttributes] = useState(declared.attributes);
  const save = useAct("PUT /positioning", ["GET /positioning"], {
    onSuccess: (kept) => {
      setAttributes(kept.attributes);
      say.success(t("act.saved"));
    },
    onError: (error) => say.error(errorText(error)),
  });
  const of = (attribute: Attribute) =>
    attributes.find((one) => one.attribute === attribute)?.values ?? [];
  const set = (attribute: Attribute, chosen: string[]) => {
    const others = attributes.filter((one) => one.attribute !== attribute);
    const own = chosen.length > 0 ? [{ attribute, values: chosen }] : [];
    const all = [...others, ...own];
    const place = (one: { attribute: Attribute }) => ATTRIBUTES.indexOf(one.attribute);
    setAttributes(all.sort((a, b) => place(a) - place(b)));
  };
  return (
    <Section title={t("positioning.declare")} note={t("positioning.declare_how")}>
      <dl className="facts">
        {ATTRIBUTES.map((attribute) => (
          <div key={attribute} style={{ display: "contents" }}>
            <dt>{t(`positioning.by.${attribute}`)}</dt>
            <dd>
              <Select
                // A list that was open keeps its words.
                key={i18n.language}
                mode="multiple"
                aria-label={t(`positioning.by.${attribute}`)}
                placeholder={t("positioning.any")}
                disabled={!can("segments.write")}
                value={of(attribute)}
                maxCount={VALUES_MAX}
                style={{ width: "100%", maxWidth: 640 }}
                options={values(attribute).map((value) => ({
                  value,
                  label: valueName(attribute, value),
                }))}
                showSearch={{ optionFilterProp: "label" }}
                onChange={(chosen: string[]) => set(attribute, chosen)}
              />
            </dd>
          </div>
        ))}
      </dl>
      <Guard may="segments.write">
        <Button
          type="primary"
          loading={save.isPending}
          style={{ marginTop: 12 }}
          onClick={() => save.mutate({ body: { attributes } })}
        >
          {t("act.save")}
        </Button>
      </Guard>
    </Section>
  );
}
