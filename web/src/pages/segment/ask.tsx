import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import type { Segment } from "../../api/shape";
import { WhyDrawer } from "./why";

interface AskProps {
  expr: RuleGroupType;
  segments: Segment[];
}

/** Asks of any customer why conditions mean them, or do not. */
export function Ask({ expr, segments }: AskProps) {
  const { t } = useTranslation();
  const [customer, setCustomer] = useState<string | null>(null);
  return (
    <>
      <label className="stack">
        <span className="soft">{t("segment.why_who")}</span>
        <Input.Search
          placeholder={t("segment.why_whose")}
          enterButton={t("segment.why_ask")}
          inputMode="numeric"
          maxLength={18}
          style={{ maxWidth: 420 }}
          onSearch={(said) => /^\d+$/.test(said.trim()) && setCustomer(said.trim())}
        />
      </label>
      <WhyDrawer
        customer={customer}
        expr={expr}
        segments={segments}
        close={() => setCustomer(null)}
      />
    </>
  );
}
