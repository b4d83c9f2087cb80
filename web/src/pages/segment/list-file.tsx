import { useNavigate } from "@tanstack/react-router";
import { Button, Input, Modal, Select, Upload as AntUpload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { NamedBy, Upload } from "../../api/shape";
import { useAct } from "../../api/hooks";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";

const NAMED_BY: NamedBy[] = ["phone", "email", "name", "external_id", "customer_id"];

interface ListFileProps {
  open: boolean;
  close: () => void;
}

/** A segment of the people whom a file names. */
export function ListFile({ open, close }: ListFileProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const [file, setFile] = useState<Upload | null>(null);
  const [column, setColumn] = useState<string | null>(null);
  const [by, setBy] = useState<NamedBy>("phone");
  const [name, setName] = useState("");
  const onError = (error: unknown) => say.error(errorText(error));
  const make = useAct("POST /segments/lists", ["GET /segments"], {
    onError,
    onSuccess: (made) => {
      say.success(t("segment.list.made", { values: made.values, found: made.found }));
      close();
      const params = { segmentId: made.segment.segment_id };
      void navigate({ to: "/segments/$segmentId", params });
    },
  });
  const send = async (sent: File) => {
    try {
      const upload = await api("POST /uploads", { query: { name: sent.name }, body: sent });
      setFile(upload);
      setColumn(upload.columns[0]?.name ?? null);
      if (!name) setName(sent.name.replace(/\.[^.]*$/, "").slice(0, 60));
    } catch (error) {
      onError(error);
    }
  };
  const ready = file !== null && column !== null && name.trim() !== "";
  const go = () => {
    if (!file || !column) return;
    make.mutate({ body: { name, note: "", by, upload_id: file.upload_id, column } });
  };
  return (
    <Modal
      open={open}
      title={t("segment.list.title")}
      okText={t("segment.list.make")}
      okButtonProps={{ disabled: !ready }}
      confirmLoading={make.isPending}
      cancelText={t("act.cancel")}
      onOk={go}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <p className="soft">{t("segment.list.how")}</p>
        <AntUpload
          showUploadList={false}
          beforeUpload={(sent) => {
            void send(sent);
            return false;
          }}
        >
          <Button>{file ? file.name : t("segment.list.choose")}</Button>
        </AntUpload>
        {file && (
          <>
            <label className="stack">
              <span>{t("segment.list.column")}</span>
              <Select
                aria-label={t("segment.list.column")}
                value={column}
                options={file.columns.map((one) => ({
                  value: one.name,
                  label: [one.name, one.samples[0]].filter(Boolean).join(" · "),
                }))}
                onChange={setColumn}
              />
            </label>
            <label className="stack">
              <span>{t("segment.list.by")}</span>
              <Select
                aria-label={t("segment.list.by")}
                value={by}
                options={NAMED_BY.map((one) => ({
                  value: one,
                  label: t(`segment.list.by_${one}`),
                }))}
                onChange={setBy}
              />
            </label>
            <label className="stack">
              <span>{t("segment.name")}</span>
              <Input
                value={name}
                maxLength={60}
                onChange={(event) => setName(event.target.value)}
              />
            </label>
          </>
        )}
      </div>
    </Modal>
  );
}
