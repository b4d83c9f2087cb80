import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { ImportRecord } from "../../api/shape";

const COLOURS: Record<ImportRecord["state"], string> = {
  waiting: "default",
  running: "processing",
  undoing: "processing",
  done: "default",
  cancelled: "warning",
  undone: "default",
  failed: "error",
};

export function ImportState({ one }: { one: ImportRecord }) {
  const { t } = useTranslation();
  return <Tag color={COLOURS[one.state]}>{t(`import.state.${one.state}`)}</Tag>;
}
