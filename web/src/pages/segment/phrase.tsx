import { Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import type { PhraseReading } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";
import { saysNothing } from "./words";

const CHARS_MAX = 500;

/** Conditions in a person's own words: what is understood becomes conditions below. */
export function Phrase({ take }: { take: (expr: RuleGroupType) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const id = useId();
  const [text, setText] = useState("");
  const [reading, setReading] = useState<PhraseReading | null>(null);
  const read = useAct("POST /segments/read", [], {
    onError: (error) => say.error(errorText(error)),
    onSuccess: (told) => {
      setReading(told);
      const expr = told.expr as unknown as RuleGroupType;
      if (!saysNothing(expr)) take(expr);
    },
  });
  const go = () => {
    if (text.trim()) read.mutate({ body: { text } });
  };
  return (
    <div className="stack">
      <div className="stack">
        <label htmlFor={id}>{t("segment.phrase.label")}</label>
        <Input.Search
          id={id}
          value={text}
          maxLength={CHARS_MAX}
          placeholder={t("segment.phrase.example")}
          enterButton={t("segment.phrase.go")}
          loading={read.isPending}
          onChange={(event) => setText(event.target.value)}
          onSearch={go}
        />
      </div>
      <div aria-live="polite">
        {reading?.unknown.map((one, at) => (
          <p key={at} className="small">
            {t(`segment.phrase.${one.why}`, { text: one.text })}
          </p>
        ))}
        {reading && reading.understood.length > 0 && (
          <p className="soft small">
            {t("segment.phrase.understood", {
              text: reading.understood.join(t("segment.phrase.gap")),
            })}
          </p>
        )}
      </div>
    </div>
  );
}
