import { Input, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/shape";
import { OF_MEMBERS, useAct } from "../../api/hooks";
import { FormModal, useSaved } from "../../part/form";
import { ColourSelect } from "../tag/mark";

interface TierFormProps {
  /** The level to be changed; a new one without. */
  before: Tier | null;
  all: Tier[];
  close: () => void;
}

/** What a level is to be. */
export function TierForm({ before, all, close }: TierFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(before?.name ?? "");
  const [colour, setColour] = useState(before?.colour ?? "grey");
  const [note, setNote] = useState(before?.note ?? "");
  const most = before ? all.length : all.length + 1;
  const at = all.findIndex((one) => one.tier_id === before?.tier_id);
  const [place, setPlace] = useState<number | null>(before ? at + 1 : most);
  const options = useSaved(close);
  const make = useAct("POST /tiers", OF_MEMBERS, options);
  const edit = useAct("PATCH /tiers/{tier_id}", OF_MEMBERS, options);
  const save = () => {
    const body = { name, colour, note, place };
    if (before) edit.mutate({ path: { tier_id: before.tier_id }, body });
    else make.mutate({ body });
  };
  return (
    <FormModal
      title={t(before ? "tier.edit" : "tier.new")}
      ready={name.trim() !== ""}
      busy={make.isPending || edit.isPending}
      save={save}
      close={close}
    >
      <label className="stack">
        <span>{t("tier.name")}</span>
        <Input value={name} maxLength={30} onChange={(event) => setName(event.target.value)} />
      </label>
      <ColourSelect value={colour} set={setColour} />
      <label className="stack">
        <span>{t("tier.note")}</span>
        <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </label>
      <label className="stack">
        <span>{t("tier.place")}</span>
        <InputNumber min={1} max={most} precision={0} value={place} onChange={setPlace} />
        <span className="soft small">{t("tier.place_how")}</span>
      </label>
    </FormModal>
  );
}
