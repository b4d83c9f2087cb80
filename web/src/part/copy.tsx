import { say } from "./say";
import { Button } from "antd";
import { useTranslation } from "react-i18next";

/** A text that is taken along: a key, a link, a snippet. */
export function CopyBox({ text, label }: { text: string; label: string }) {
  return (
    <div className="secret">
      <code aria-label={label}>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say.success(t("act.copied"));
    } catch {
      say.error(t("act.copy_failed"));
    }
  };
  return (
    <Button size="small" onClick={() => void copy()} aria-label={`${t("act.copy")} ${label}`}>
      {t("act.copy")}
    </Button>
  );
}
