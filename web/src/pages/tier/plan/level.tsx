import { CloseOutlined } from "@ant-design/icons";
import { Button, Checkbox, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../../api/shape";
import { SegmentField } from "../../earn/fields";
import { useMinor } from "../../ledger/policy";
import { TagMark } from "../../tag/mark";
import type { Benefits, Level, Need } from "./terms";
import { NEEDS, NONE, ONCE, PERCENT } from "./terms";

interface LevelFieldsProps {
  tier: Tier;
  level: Level;
  set: (level: Level) => void;
}

/** What a level takes and brings. */
export function LevelFields({ tier, level, set }: LevelFieldsProps) {
  const { t } = useTranslation();
  const needs = level.needs ?? [];
  const put = (part: Partial<Level>) => set({ ...level, ...part });
  const change = (at: number, need: Need) =>
    put({ needs: needs.map((own, place) => (place === at ? need : own)) });
  return (
    <fieldset className="stack card-part">
      <legend>
        <TagMark name={tier.name} colour={tier.colour} />
      </legend>
      {needs.length === 0 && <span className="soft small">{t("tier.plan.by_hand_how")}</span>}
      {needs.map((need, at) => (
        <div key={at} className="row">
          <NeedField need={need} set={(next) => change(at, next)} />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t("act.delete")}
            onClick={() => put({ needs: needs.filter((_, place) => place !== at) })}
          />
        </div>
      ))}
      <div className="row">
        <Select
          key={`need ${needs.length}`}
          aria-label={t("tier.plan.add_need")}
          placeholder={t("tier.plan.add_need")}
          value={null}
          style={{ minWidth: 180 }}
          options={NEEDS.map((kind) => ({ value: kind, label: t(`tier.plan.need.${kind}`) }))}
          onChange={(kind: Need["kind"]) => put({ needs: [...needs, { kind }] })}
        />
        {needs.length > 1 && (
          <Radio.Group
            aria-label={t("tier.plan.how_many")}
            value={level.all ?? false}
            options={[
              { value: false, label: t("tier.plan.any") },
              { value: true, label: t("tier.plan.all") },
            ]}
            onChange={(event) => put({ all: Boolean(event.target.value) })}
          />
        )}
      </div>
      <Checkbox
        checked={level.lifetime ?? false}
        onChange={(event) => put({ lifetime: event.target.checked })}
      >
        {t("tier.plan.lifetime")}
      </Checkbox>
      <BenefitFields own={{ ...NONE, ...level.benefits }} set={(benefits) => put({ benefits })} />
    </fieldset>
  );
}

function NeedField({ need, set }: { need: Need; set: (need: Need) => void }) {
  const { t } = useTranslation();
  const { minor, digits, currency } = useMinor(need.kind === "spend" ? "stored" : "points");
  if (need.kind === "segment") {
    return (
      <SegmentField
        value={need.segment ? String(need.segment) : null}
        set={(segment) => set({ ...need, segment: Number(segment) })}
      />
    );
  }
  return (
    <label className="row">
      <span>{t(`tier.plan.need.${need.kind}`)} ≥</span>
      <InputNumber
        min={0}
        precision={digits}
        suffix={currency}
        style={{ width: 160 }}
        value={need.at_least ? need.at_least / minor : null}
        onChange={(next) => set({ ...need, at_least: Math.round((next ?? 0) * minor) })}
      />
    </label>
  );
}

interface BenefitFieldsProps {
  own: Required<Benefits>;
  set: (benefits: Benefits) => void;
}

function BenefitFields({ own, set }: BenefitFieldsProps) {
  const { t } = useTranslation();
  const put = (part: Partial<Benefits>) => set({ ...own, ...part });
  return (
    <>
      <div className="row">
        <label className="stack">
          <span>{t("tier.plan.discount")}</span>
          <InputNumber
            min={0}
            max={99}
            step={1}
            suffix="%"
            value={own.discount / PERCENT}
            onChange={(next) => put({ discount: Math.round(Number(next ?? 0) * PERCENT) })}
          />
        </label>
        <label className="stack">
          <span>{t("tier.plan.points_times")}</span>
          <InputNumber
            min={1}
            max={100}
            step={0.1}
            prefix="×"
            value={own.points_times / ONCE}
            onChange={(next) => put({ points_times: Math.round(Number(next ?? 1) * ONCE) })}
          />
        </label>
        <label className="stack">
          <span>{t("tier.plan.early_hours")}</span>
          <InputNumber
            min={0}
            max={2160}
            precision={0}
            value={own.early_hours}
            onChange={(next) => put({ early_hours: next ?? 0 })}
          />
        </label>
      </div>
      <Checkbox
        checked={own.free_shipping}
        onChange={(event) => put({ free_shipping: event.target.checked })}
      >
        {t("tier.plan.free_shipping")}
      </Checkbox>
      <label className="stack">
        <span>{t("tier.plan.others")}</span>
        <Select
          mode="tags"
          aria-label={t("tier.plan.others")}
          placeholder={t("tier.plan.others_how")}
          value={own.others}
          open={false}
          suffixIcon={null}
          onChange={(others: string[]) => put({ others })}
        />
      </label>
    </>
  );
}
