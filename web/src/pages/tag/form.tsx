import { AutoComplete, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tag } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { FormModal, useSaved } from "../../part/form";
import { Guard } from "../../part/confirm";
import { useCan } from "../../session";
import { ColourSelect } from "./mark";

interface TagFormProps {
  /** The tag to be changed; a new one without. */
  before: Tag | null;
  all: Tag[];
  close: () => void;
}

/** What a tag is to be. */
export function TagForm({ before, all, close }: TagFormProps) {
  const { t } = useTranslation();
  const can = useCan();
  const [name, setName] = useState(before?.name ?? "");
  const [family, setFamily] = useState(before?.family ?? "");
  const [colour, setColour] = useState(before?.colour ?? "grey");
  const [note, setNote] = useState(before?.note ?? "");
  const [days, setDays] = useState<number | null>(before?.days ?? null);
  const [segment, setSegment] = useState<string | null>(null);
  const [tier, setTier] = useState(before?.tier_id ?? null);
  const [activity, setActivity] = useState(before?.activity_id ?? null);
  const segments = useApi("GET /segments");
  const options = useSaved(close);
  const make = useAct("POST /tags", OF_MEMBERS, options);
  const edit = useAct("PATCH /tags/{tag_id}", OF_MEMBERS, options);
  const save = () => {
    const carried = can("benefits.write")
      ? { tier_id: tier ?? "", activity_id: activity ?? "" }
      : {};
    const own = { name, family, colour, note, ...(segment ? {} : carried) };
    if (before) {
      edit.mutate({ path: { tag_id: before.tag_id }, body: { ...own, days: days ?? 0 } });
    } else {
      make.mutate({ body: { ...own, days, segment_id: segment } });
    }
  };
  const families = [...new Set(all.map((one) => one.family).filter(Boolean))];
  const usable = (segments.data ?? []).filter((one) => one.state !== "draft" && !one.private);
  return (
    <FormModal
      title={t(before ? "tag.edit" : "tag.new")}
      ready={name.trim() !== ""}
      busy={make.isPending || edit.isPending}
      save={save}
      close={close}
    >
      <label className="stack">
        <span>{t("tag.name")}</span>
        <Input value={name} maxLength={30} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="stack">
        <span>{t("tag.family")}</span>
        <AutoComplete
          aria-label={t("tag.family")}
          value={family}
          options={families.map((value) => ({ value }))}
          onChange={setFamily}
        />
      </label>
      <ColourSelect value={colour} set={setColour} />
      <label className="stack">
        <span>{t("tag.note")}</span>
        <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </label>
      {!before && (
        <label className="stack">
          <span>{t("tag.by_segment")}</span>
          <Select
            aria-label={t("tag.by_segment")}
            value={segment}
            allowClear
            placeholder={t("tag.by_hand")}
            options={usable.map((one) => ({ value: one.segment_id, label: one.name }))}
            optionFilterProp="label"
            showSearch
            onChange={(next: string | undefined) => setSegment(next ?? null)}
          />
        </label>
      )}
      {!segment && !before?.segment_id && (
        <label className="stack">
          <span>{t("tag.days")}</span>
          <InputNumber
            min={1}
            max={3650}
            precision={0}
            value={days}
            placeholder={t("tag.for_ever")}
            onChange={setDays}
          />
        </label>
      )}
      {!segment && !before?.segment_id && (
        <Guard may="benefits.write">
          <Carried {...{ tier, setTier, activity, setActivity }} />
        </Guard>
      )}
    </FormModal>
  );
}

interface CarriedProps {
  tier: string | null;
  setTier: (tier: string | null) => void;
  activity: string | null;
  setActivity: (activity: string | null) => void;
}

/** What whoever has the tag gets by it. */
function Carried({ tier, setTier, activity, setActivity }: CarriedProps) {
  const { t } = useTranslation();
  const tiers = useApi("GET /tiers");
  const activities = useApi("GET /activities");
  const open = (activities.data ?? []).filter(
    (one) => one.state !== "over" || one.activity_id === activity,
  );
  return (
    <>
      <label className="stack">
        <span>{t("tag.carries")}</span>
        <Select
          aria-label={t("tag.carries")}
          value={tier}
          allowClear
          placeholder={t("tag.carries_none")}
          options={(tiers.data ?? []).map((one) => ({ value: one.tier_id, label: one.name }))}
          onChange={(next: string | undefined) => setTier(next ?? null)}
        />
      </label>
      <label className="stack">
        <span>{t("tag.carries_activity")}</span>
        <Select
          aria-label={t("tag.carries_activity")}
          value={activity}
          allowClear
          placeholder={t("tag.carries_none")}
          options={open.map((one) => ({ value: one.activity_id, label: one.name }))}
          onChange={(next: string | undefined) => setActivity(next ?? null)}
        />
      </label>
      <p className="soft small">{t("tag.carries_how")}</p>
    </>
  );
}
