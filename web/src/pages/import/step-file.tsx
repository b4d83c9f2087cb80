import { InboxOutlined } from "@ant-design/icons";
import { Button, Select, Upload as AntUpload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { Mapping } from "../../api/draft";
import { bytes } from "../../format";
import { useErrorText } from "../../part/state";
import { titleOf, useMappings } from "./mapping";
import type { Draft, FileOfImport } from "./wizard";
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

/** The mapping that most files look like. */
function guessOf(files: FileOfImport[]): string | null {
  const best = files
    .map(({ upload }) => upload)
    .sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0))[0];
  return best?.mapping ?? null;
}

export function FileStep({ draft, set, next }: FileStepProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mappings = useMappings();
  const [sending, setSending] = useState<Sending[]>([]);
  const mapping = mappings.data?.find((one) => one.name === draft.mapping);
  const busy = sending.some((one) => one.error === null);

  const send = async (file: File, known: FileOfImport[]) => {
    setSending((now) => [
      ...now.filter((one) => one.name !== file.name),
      { name: file.name, error: null },
    ]);
    try {
      const upload = await api("POST /uploads", { query: { name: file.name }, body: file });
      known.push({ upload, role: "" });
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
    const guess = draft.mapping ?? guessOf(known);
    const roles = mappings.data?.find((one) => one.name === guess)?.roles ?? [];
    set({
      ...draft,
      mapping: guess,
      columns: null,
      files: known.map((one, at) => ({
        ...one,
        role: one.role || roles[at]?.role || roles[0]?.role || "",
      })),
    });
  };
  const choose = (name: string) => {
    const roles = mappings.data?.find((one) => one.name === name)?.roles ?? [];
    set({
      ...draft,
      mapping: name,
      columns: null,
      files: draft.files.map((one, at) => ({
        ...one,
        role: roles[at]?.role ?? roles[0]?.role ?? "",
      })),
    });
  };
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
          <InboxOutlined />
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
      {draft.files.length > 0 && <Files draft={draft} set={set} mapping={mapping} />}
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
  mapping: Mapping | undefined;
}

function Files({ draft, set, mapping }: FilesProps) {
  const { t } = useTranslation();
  const roles = mapping?.roles ?? [];
  const change = (files: FileOfImport[]) => set({ ...draft, files, columns: null });
  return (
    <ul className="import-files">
      {draft.files.map((one, at) => (
        <li key={one.upload.upload_id}>
          <span className="grow clip strong">{one.upload.name}</span>
          <span className="soft">
            {[
              bytes(one.upload.bytes),
              one.upload.format.toUpperCase(),
              one.upload.encoding,
              one.upload.delimiter && t("import.delimiter", { mark: one.upload.delimiter }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {roles.length > 1 && (
            <Select
              value={one.role}
              aria-label={t("import.role")}
              style={{ minWidth: 120 }}
              options={roles.map(({ role }) => ({ value: role, label: role }))}
              onChange={(role) =>
                change(draft.files.map((file, i) => (i === at ? { ...file, role } : file)))
              }
            />
          )}
          <Button
            type="link"
            onClick={() => change(draft.files.filter((_, i) => i !== at))}
            aria-label={t("import.remove", { name: one.upload.name })}
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
  const { t, i18n } = useTranslation();
  const known = all.map((one) => ({ value: one.name, label: titleOf(one, i18n.language) }));
  return (
    <label className="stack" style={{ maxWidth: 400 }}>
      <span>{t("import.which")}</span>
      <Select
        value={value}
        onChange={set}
        showSearch={{ optionFilterProp: "label" }}
        options={single ? [...known, { value: BY_HAND, label: t("import.by_hand_report") }] : known}
      />
      <span className="soft small">{value ? t("import.which_guess") : t("import.which_none")}</span>
    </label>
  );
}
