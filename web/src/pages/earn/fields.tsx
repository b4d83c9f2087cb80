import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { RuleGroupType, RuleType } from "react-querybuilder";
import { useApi } from "../../api/hooks";
import { useMoney } from "../../part/value";
import { useNames } from "../segment/rosters";
import { sentence } from "../segment/sentence";
import type { Terms } from "./terms";

interface SegmentFieldProps {
  value: string | null;
  set: (segment: string | null) => void;
  label?: string;
  /** What no segment means; there must be one without. */
  none?: string;
}

/** One of the segments that are open to all who read segments. */
export function SegmentField({ value, set, label, none }: SegmentFieldProps) {
  const { t } = useTranslation();
  const segments = useApi("GET /segments");
  const open = (segments.data ?? []).filter((one) => !one.private && one.state === "active");
  const title = label ?? t("segment.one");
  return (
    <label className="stack">
      <span>{title}</span>
      <Select
        showSearch
        aria-label={title}
        value={value}
        allowClear={none !== undefined}
        placeholder={none ?? t("segment.compare_with")}
        options={open.map((one) => ({ value: one.segment_id, label: one.name }))}
        optionFilterProp="label"
        onChange={(next: string | undefined) => set(next ?? null)}
      />
    </label>
  );
}

/** The segment that conditions name, where they say nothing else. */
function onlySegment(group: RuleGroupType | null): string | null {
  const [rule, ...more] = (group?.rules ?? []) as RuleType[];
  if (!rule || more.length > 0 || group?.not || rule.field !== "segment") return null;
  return rule.operator === "=" ? String(rule.value) : null;
}

interface WhoProps {
  condition: Terms["condition"];
  set: (condition: NonNullable<Terms["condition"]> | null) => void;
}

/** Whom a rule is for: everybody, a segment, or whom conditions mean that a program wrote. */
export function Who({ condition, set }: WhoProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const named = useNames();
  const segments = useApi("GET /segments");
  const group = (condition ?? null) as unknown as RuleGroupType | null;
  const own = onlySegment(group);
  if (group && own === null) {
    const speaker = { t, money: money.full, segments: segments.data ?? [], named };
    return (
      <div className="stack">
        <span>{t("earn.whom")}</span>
        <span className="soft small">{sentence(group, speaker)}</span>
        <Button size="small" onClick={() => set(null)}>
          {t("earn.everybody")}
        </Button>
      </div>
    );
  }
  const choose = (segment: string | null) => {
    const rules = [{ field: "segment", operator: "=", value: segment }];
    set(segment ? ({ combinator: "and", rules } as never) : null);
  };
  return (
    <SegmentField value={own} set={choose} label={t("earn.whom")} none={t("earn.everybody")} />
  );
}
