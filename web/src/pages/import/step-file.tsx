import { InboxOutlined } from "@ant-design/icons";
import { Button, Select, Upload as AntUpload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { Mapping, Upload } from "../../api/shape";
import { bytes } from "../../format";
import { useErrorText } from "../../part/state";
import { useMappings } from "./mapping";
import type { Draft } from "./wizard";
import { BY_HAND } from "./wizard";

interface FileStepProps {
  draft: Draft;
  set: (draft: Draft) => void;
  next: () => void;
}

interface Sending {
  name: string;
  error: string | null;
}

/** The mapping that was made for the files; a single one without may be read by its columns. */
function guessOf(files: Upload[]): string | null {
  const made = files.find((upload) => upload.mapping)?.mapping;
  return made ?? (files.length === 1 ? BY_HAND : null);
}

export function FileStep({ draft, set, next }: FileStepProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mappings = useMappings();
  const [sending, setSending] = useState<Sending[]>([]);
  const busy = sending.some((one) => one.error === null);

  const send = async (file: File, known: Upload[]) => {
    setSending((now) => [
      ...now.filter((one) => one.name !== file.name),
      { name: file.name, error: null },
    ]);
    try {
      const upload = await api("POST /uploads", { query: { name: file.name }, body: file });
      known.push(upload);
      setSending((now) => now.filter((one) => one.name !== file.name));
    } catch (error) {
      setSending((now) =>
        now.map((one) => (one.name === file.name ? { ...one, error: errorText(error) } : one)),
      );
    }
  };
  const add = async (files: File[]) => {
    const known = [...draft.files];
    for (const file of files) await send(file, known);
    set({ ...draft, mapping: draft.mapping ?? guessOf(known), columns: null, files: known });
  };
  const choose = (mapping: string) => set({ ...draft, mapping, columns: null });
  return (
    <div className="stack wide">
      <AntUpload.Dragger
        multiple
        showUploadList={false}
        disabled={busy}
        beforeUpload={(file, all) => {
          if (all[0] === file) void add(all);
          return false;
        }}
      >
        <p aria-hidden="true" className="import-drop">
          <InboxOutlined aria-hidden />
        </p>
        <p className="strong">{t("import.drop")}</p>
        <p className="soft">{t("import.drop_what")}</p>
      </AntUpload.Dragger>
      {sending.map((one) => (
        <p key={one.name} role="status" className={one.error ? "danger" : "soft"}>
          {one.error
            ? t("import.refused", { name: one.name, why: one.error })
            : t("import.sending", { name: one.name })}
        </p>
      ))}
      {draft.files.length > 0 && <Files draft={draft} set={set} />}
      {draft.files.length > 0 && (
        <MappingChoice
          value={draft.mapping}
          all={mappings.data ?? []}
          single={draft.files.length === 1}
          set={choose}
        />
      )}
      <div className="row">
        <Button
          type="primary"
          disabled={draft.files.length === 0 || busy || !draft.mapping}
          onClick={next}
        >
          {t("act.next")}
        </Button>
      </div>
    </div>
  );
}

interface FilesProps {
  draft: Draft;
  set: (draft: Draft) => void;
}

function Files({ draft, set }: FilesProps) {
  const { t } = useTranslation();
  const change = (files: Upload[]) => set({ ...draft, files, columns: null });
  return (
    <ul className="import-files">
      {draft.files.map((one, at) => (
        <li key={one.upload_id}>
          <span className="grow clip strong">{one.name}</span>
          <span className="soft">
            {[bytes(one.bytes), one.format.toUpperCase(), one.encoding].filter(Boolean).join(" · ")}
          </span>
          <Button
            type="link"
            onClick={() => change(draft.files.filter((_, i) => i !== at))}
            aria-label={t("import.remove", { name: one.name })}
          >
            {t("act.delete")}
          </Button>
        </li>
      ))}
    </ul>
  );
}

interface MappingChoiceProps {
  value: string | null;
  all: Mapping[];
  single: boolean;
  set: (name: string) => void;
}

function MappingChoice({ value, all, single, set }: MappingChoiceProps) {
  const { t } = useTranslation();
  const known = all.map(({ name }) => ({ value: name, label: t(`mapping.${name}`) }));
  return (
    <label className="stack" style={{ maxWidth: 400 }}>
      <span>{t("import.which")}</span>
      <Select
        value={value}
        onChange={set}
        showSearch={{ optionFilterProp: "label" }}
        options={single ? [...known, { value: BY_HAND, label: t("import.by_hand_report") }] : known}
      />
      <span className="soft small">
        {t(value && value !== BY_HAND ? "import.which_guess" : "import.which_none")}
      </span>
    </label>
  );
}
