import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Activity } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { day } from "../../format";
import { useShop } from "../../session";
import { DayField } from "../../part/day";
import { FormModal, useSaved } from "../../part/form";

interface ActivityFormProps {
  /** The activity to be changed; a new one without. */
  before: Activity | null;
  close: () => void;
}

/** What an activity is to be. */
export function ActivityForm({ before, close }: ActivityFormProps) {
  const { t } = useTranslation();
  const tiers = useApi("GET /tiers");
  const [name, setName] = useState(before?.name ?? "");
  const [note, setNote] = useState(before?.note ?? "");
  const { time_zone: zone } = useShop();
  const today = day(new Date(), zone);
  const [first, setFirst] = useState(before?.first_day ?? today);
  const [last, setLast] = useState(before?.last_day ?? today);
  const [tier, setTier] = useState(before?.tier_id ?? null);
  const [until, setUntil] = useState(before?.tier_last_day ?? null);
  const options = useSaved(close);
  const make = useAct("POST /activities", OF_MEMBERS, options);
  const edit = useAct("PUT /activities/{activity_id}", OF_MEMBERS, options);
  const save = () => {
    const ends = tier ? until : null;
    const days = { first_day: first, last_day: last, tier_last_day: ends };
    const body = { name, note, tier_id: tier, ...days };
    if (before) edit.mutate({ path: { activity_id: before.activity_id }, body });
    else make.mutate({ body });
  };
  return (
    <FormModal
      title={t(before ? "activity.edit" : "activity.new")}
      ready={name.trim() !== "" && first <= last}
      busy={make.isPending || edit.isPending}
      save={save}
      close={close}
    >
      <label className="stack">
        <span>{t("activity.name")}</span>
        <Input value={name} maxLength={30} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="stack">
        <span>{t("activity.note")}</span>
        <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </label>
      <DayField
        label={t("activity.first_day")}
        value={first}
        set={(next) => setFirst(next ?? first)}
      />
      <DayField label={t("activity.last_day")} value={last} set={(next) => setLast(next ?? last)} />
      <label className="stack">
        <span>{t("activity.tier")}</span>
        <Select
          aria-label={t("activity.tier")}
          value={tier}
          allowClear
          placeholder={t("activity.no_tier")}
          options={(tiers.data ?? []).map((one) => ({ value: one.tier_id, label: one.name }))}
          onChange={(next: string | undefined) => setTier(next ?? null)}
        />
      </label>
      {tier && (
        <DayField
          label={t("activity.tier_last_day")}
          value={until}
          none={t("tier.for_ever")}
          set={setUntil}
        />
      )}
    </FormModal>
  );
}
