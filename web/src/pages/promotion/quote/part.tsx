import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "../../../part/state";
import { useAct } from "../../../api/hooks";
import { Answer } from "./answer";
import { CartFields } from "./form";
import type { Draft } from "./terms";
import { formOf, FRESH, isWhole } from "./terms";

/** What a cart would get, without anything being used. */
export function QuotePart() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [draft, setDraft] = useState<Draft>(FRESH);
  const quote = useAct("POST /quotes");
  const put = (part: Partial<Draft>) => setDraft((own) => ({ ...own, ...part }));
  return (
    <section aria-label={t("promotion.tab.quote")} className="stack wide">
      <p className="soft prose">{t("quote.lead")}</p>
      <form
        className="stack wide"
        onSubmit={(event) => {
          event.preventDefault();
          if (isWhole(draft)) quote.mutate({ body: formOf(draft) });
        }}
      >
        <CartFields draft={draft} put={put} />
        <div>
          <Button
            type="primary"
            htmlType="submit"
            loading={quote.isPending}
            disabled={!isWhole(draft)}
          >
            {t("quote.ask")}
          </Button>
        </div>
      </form>
      {quote.error && <p role="alert">{errorText(quote.error)}</p>}
      {quote.data && <Answer quote={quote.data} />}
    </section>
  );
}
