import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { ComparisonSide, Segment, SegmentWhole } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Section } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { useMoney, When } from "../../part/value";
import { useUrl } from "../../url";
import { isMoney, useable } from "./words";

const MOST = 4;
const MICROS_PER_MS = 1_000;

/** A segment beside up to four others. */
export function Beside({ segment, all }: { segment: SegmentWhole; all: Segment[] }) {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const others = all.filter(
    (one) => one.segment_id !== segment.segment_id && one.size !== null && !one.private,
  );
  const chosen = (search.with ?? "")
    .split(",")
    .filter((id) => others.some((o) => o.segment_id === id));
  if (segment.size === null || others.length === 0) return null;
  const shown = [segment as Segment, ...others.filter((one) => chosen.includes(one.segment_id))];
  const ids = shown.map((one) => one.segment_id).join(",");
  const field = search.by ?? "net_minor";
  return (
    <Section title={t("segment.compare")} note={t("segment.compare_how")}>
      <div className="row wrap" style={{ marginBottom: 12 }}>
        <Select
          mode="multiple"
          maxCount={MOST}
          aria-label={t("segment.compare_with")}
          placeholder={t("segment.compare_with")}
          value={chosen}
          style={{ minWidth: 240 }}
          options={others.map((one) => ({ value: one.segment_id, label: one.name }))}
          optionFilterProp="label"
          onChange={(next: string[]) =>
            change({ with: next.join(",") || undefined }, { replace: true })
          }
        />
        {chosen.length > 0 && <FieldPicker field={field} />}
      </div>
      {chosen.length > 0 && (
        <>
          <Upset ids={ids} shown={shown} />
          <Sides ids={ids} shown={shown} field={field} />
        </>
      )}
    </Section>
  );
}

function FieldPicker({ field }: { field: string }) {
  const { t } = useTranslation();
  const [, change] = useUrl();
  const words = useApi("GET /segments/fields");
  const kinds = ["number", "time", "text", "truth"];
  const fields = useable(words.data?.fields ?? []).filter(
    (one) => kinds.includes(one.kind) && one.name !== "external_id",
  );
  return (
    <Select
      showSearch
      aria-label={t("segment.compare_by")}
      value={field}
      style={{ minWidth: 160 }}
      options={fields.map((one) => ({ value: one.name, label: t(`segment.field.${one.name}`) }))}
      optionFilterProp="label"
      onChange={(next) => change({ by: next }, { replace: true })}
    />
  );
}

/** Who is in exactly which of them: a row a choice, with a bar. */
function Upset({ ids, shown }: { ids: string; shown: Segment[] }) {
  const { t } = useTranslation();
  const overlap = useApi("GET /segments/overlap", { query: { ids } }, { keep: true });
  return (
    <Asked query={overlap} what={t("segment.overlap")} skeleton={<RowsSkeleton rows={3} />}>
      {(regions) => {
        const most = Math.max(1, ...regions.map((one) => one.customers));
        return (
          <div className="scroll-x">
            <table className="plain-table">
              <caption className="unseen">{t("segment.overlap")}</caption>
              <thead>
                <tr>
                  {shown.map((one) => (
                    <th key={one.segment_id} scope="col">
                      {one.name}
                    </th>
                  ))}
                  <th scope="col">{t("segment.only_these")}</th>
                </tr>
              </thead>
              <tbody>
                {regions.map((region) => (
                  <tr key={region.of.join()}>
                    {shown.map((one, at) => (
                      <td key={one.segment_id}>
                        {region.of.includes(at) ? (
                          <span aria-label={t("segment.in_it")}>●</span>
                        ) : (
                          <span className="soft" aria-label={t("segment.not_in_it")}>
                            ○
                          </span>
                        )}
                      </td>
                    ))}
                    <td>
                      <span className="row">
                        <span
                          aria-hidden="true"
                          style={{
                            background: "var(--accent)",
                            height: 8,
                            borderRadius: 2,
                            width: `${(region.customers / most) * 160}px`,
                          }}
                        />
                        {count(region.customers)}
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      }}
    </Asked>
  );
}

function Sides({ ids, shown, field }: { ids: string; shown: Segment[]; field: string }) {
  const { t } = useTranslation();
  const answer = useApi("GET /segments/compare", { query: { ids, field } }, { keep: true });
  return (
    <Asked query={answer} what={t("segment.compare")} skeleton={<RowsSkeleton rows={5} />}>
      {(data) => (
        <div className="scroll-x">
          <table className="plain-table">
            <caption className="unseen">{t(`segment.field.${field}`)}</caption>
            <thead>
              <tr>
                <th scope="col">{t(`segment.field.${field}`)}</th>
                {shown.map((one) => (
                  <th key={one.segment_id} scope="col" className="right">
                    {one.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.kind === "text" ? (
                <TextRows sides={data.sides} field={field} />
              ) : (
                <NumberRows sides={data.sides} field={field} time={data.kind === "time"} />
              )}
            </tbody>
          </table>
        </div>
      )}
    </Asked>
  );
}

function TextRows({ sides, field }: { sides: ComparisonSide[]; field: string }) {
  const { t } = useTranslation();
  const named = (text: string) => {
    if (field === "stratum") return t(`stratum.${text}`);
    if (field === "lifecycle") return t(`lifecycle.stage.${text}`);
    if (text === "true" || text === "false") return t(`segment.say.${text}`);
    return text;
  };
  return (sides[0]?.texts ?? []).map((pair, at) => (
    <tr key={String(pair[0])}>
      <th scope="row">{named(String(pair[0]))}</th>
      {sides.map((side, of) => (
        <td key={of} className="right">
          {share(side.customers ? Number(side.texts[at]?.[1] ?? 0) / side.customers : 0)}
        </td>
      ))}
    </tr>
  ));
}

interface NumberRowsProps {
  sides: ComparisonSide[];
  field: string;
  time: boolean;
}

function NumberRows({ sides, field, time }: NumberRowsProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const value = (one: number | null | undefined) => {
    if (one === null || one === undefined) return "–";
    if (time) return <When at={new Date(one / MICROS_PER_MS).toISOString()} />;
    return isMoney(field) ? money.full(Math.round(one)) : count(Math.round(one * 100) / 100);
  };
  const rows: [string, (side: ComparisonSide) => React.ReactNode][] = [
    [t("segment.stat.customers"), (side) => count(side.customers)],
    [t("segment.stat.known"), (side) => count(side.known)],
    ...(time
      ? []
      : ([
          [t("segment.stat.sum"), (side) => value(side.sum)],
          [t("segment.stat.mean"), (side) => value(side.mean)],
        ] as [string, (side: ComparisonSide) => React.ReactNode][])),
    [t("segment.stat.quarter"), (side) => value(side.quartiles?.[1])],
    [t("segment.stat.median"), (side) => value(side.quartiles?.[2])],
    [t("segment.stat.three"), (side) => value(side.quartiles?.[3])],
  ];
  return rows.map(([name, of]) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      {sides.map((side, at) => (
        <td key={at} className="right">
          {of(side)}
        </td>
      ))}
    </tr>
  ));
}
