import { QueryBuilderAntD } from "@react-querybuilder/antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import type { Segment, Words } from "../../api/shape";
import { Conditions } from "./conditions";
import "./segment.css";
import { Followed } from "./steps";
import { Known } from "./value";
import type { BuilderField } from "./words";
import { builderFields, fitting } from "./words";

interface BuilderProps {
  words: Words;
  segments: Segment[];
  query: RuleGroupType;
  change: (query: RuleGroupType) => void;
}

function byName(fields: BuilderField[]): Map<string, BuilderField> {
  const inner = fields.flatMap((one) => (one.subproperties ?? []) as unknown as BuilderField[]);
  return new Map([...inner, ...fields].map((one) => [one.name, one]));
}

/** Conditions, put together in words. */
export function Builder({ words, segments, query, change }: BuilderProps) {
  const { t } = useTranslation();
  const fields = useMemo(() => builderFields(words, t), [words, t]);
  const known = useMemo(() => ({ segments, fields: byName(fields) }), [segments, fields]);
  return (
    <div className="builder">
      <Known.Provider value={known}>
        <QueryBuilderAntD>
          <Conditions
            fields={fields}
            query={query}
            change={(next) => change(fitting(next, known.fields))}
            rule={Followed}
          />
        </QueryBuilderAntD>
      </Known.Provider>
    </div>
  );
}
