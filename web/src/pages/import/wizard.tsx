import { Steps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ImportOrder, Upload } from "../../api/shape";
import { Back } from "../../part/back";
import { Page } from "../../part/page";
import { ColumnStep } from "./step-columns";
import { FileStep } from "./step-file";
import { PreviewStep } from "./step-preview";
import { RunStep } from "./step-run";
import "./import.css";

/** Stands for a report that is none of the known ones. */
export const BY_HAND = "by-hand";

/** What somebody has decided so far. */
export interface Draft {
  files: Upload[];
  mapping: string | null;
  /** The meaning of each column of the only file, where it was changed by hand. */
  columns: { name: string; field: string | null }[] | null;
}

export function orderOf(draft: Draft): ImportOrder {
  const guessed = draft.files[0]?.columns.map(({ name, field }) => ({ name, field }));
  const byHand = draft.columns !== null || draft.mapping === BY_HAND || !draft.mapping;
  return {
    uploads: draft.files.map((upload) => upload.upload_id),
    ...(byHand ? { columns: draft.columns ?? guessed ?? [] } : { mapping: draft.mapping }),
  };
}

const STEPS = ["file", "columns", "preview", "dry_run", "progress"];

/** Five steps from a file to what it says; each can be gone back to. */
export function ImportWizard() {
  const { t } = useTranslation();
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<Draft>({ files: [], mapping: null, columns: null });
  const next = () => setStep(step + 1);
  const back = () => setStep(step - 1);
  return (
    <Page
      title={t("palette.action.import")}
      lead={t("import.wizard_lead")}
      above={<Back to="/imports">{t("nav.imports")}</Back>}
    >
      <Steps
        current={step}
        size="small"
        className="import-steps"
        responsive={false}
        onChange={(to) => to < step && setStep(to)}
        items={STEPS.map((name, at) => ({
          title: t(`import.step_${name}`),
          disabled: at > step,
        }))}
      />
      {step === 0 && <FileStep draft={draft} set={setDraft} next={next} />}
      {step === 1 && <ColumnStep draft={draft} set={setDraft} next={next} back={back} />}
      {step === 2 && <PreviewStep draft={draft} next={next} back={back} />}
      {step >= 3 && <RunStep draft={draft} back={back} />}
    </Page>
  );
}
