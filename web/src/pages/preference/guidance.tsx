import { DeleteOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { GuidanceLine } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";

const CHARS_MAX = 200;
const LINES_MAX = 200;

/** The shop's own lines for provinces and tags. */
export function GuidanceLines(props: { lines: GuidanceLine[]; provinces: string[] }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [lines, setLines] = useState(props.lines);
  const tags = useApi("GET /tags");
  const save = useAct("PUT /preferences/guidance", ["GET /preferences"], {
    onSuccess: (kept) => {
      setLines(kept.lines);
      say.success(t("act.saved"));
    },
    onError: (error) => say.error(errorText(error)),
  });
  const set = (at: number, part: Partial<GuidanceLine>) =>
    setLines(lines.map((line, own) => (own === at ? { ...line, ...part } : line)));
  const add = () => setLines([...lines, { on: "province", value: "", text: "" }]);
  const named = (tags.data ?? []).map((one) => ({ value: one.tag_id, label: one.name }));
  const open = lines.some((line) => !line.value.trim() || !line.text.trim());
  return (
    <Section title={t("preference.guidance")} note={t("preference.guidance_how")}>
      {lines.length === 0 && <p className="soft">{t("preference.no_lines")}</p>}
      <ul className="stack">
        {lines.map((line, at) => (
          <li key={at} className="row wrap">
            <Select
              aria-label={t("preference.on_title")}
              value={line.on}
              style={{ width: 112 }}
              options={(["province", "tag"] as const).map((on) => ({
                value: on,
                label: t(`preference.on.${on}`),
              }))}
              onChange={(on) => set(at, { on, value: "" })}
            />
            {line.on === "tag" ? (
              <Select
                aria-label={t("preference.on.tag")}
                value={line.value || null}
                style={{ width: 160 }}
                options={named}
                placeholder={t("preference.on.tag")}
                showSearch={{ optionFilterProp: "label" }}
                onChange={(value) => set(at, { value: value ?? "" })}
              />
            ) : (
              <AutoComplete
                aria-label={t("preference.on.province")}
                value={line.value}
                style={{ width: 160 }}
                options={props.provinces.map((value) => ({ value }))}
                placeholder={t("preference.on.province")}
                onChange={(value: string) => set(at, { value })}
              />
            )}
            <Input
              aria-label={t("preference.text")}
              value={line.text}
              maxLength={CHARS_MAX}
              placeholder={t("preference.text_example")}
              className="grow"
              style={{ minWidth: 240 }}
              onChange={(event) => set(at, { text: event.target.value })}
            />
            <Guard may="segments.write">
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("preference.drop", { text: line.text || line.value })}
                onClick={() => setLines(lines.filter((_, own) => own !== at))}
              />
            </Guard>
          </li>
        ))}
      </ul>
      <Guard may="segments.write">
        <div className="row" style={{ marginTop: 12 }}>
          <Button disabled={lines.length >= LINES_MAX} onClick={add}>
            {t("preference.add")}
          </Button>
          <Button
            type="primary"
            loading={save.isPending}
            disabled={open}
            onClick={() => save.mutate({ body: { lines } })}
          >
            {t("act.save")}
          </Button>
        </div>
      </Guard>
    </Section>
  );
}
