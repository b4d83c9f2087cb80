import { useTranslation } from "react-i18next";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { Section } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";

/** Values that are shown of a field, the largest first. */
const SHOWN = 8;
const GENDERS = new Set(["female", "male"]);

/** A segment by gender, age and province. */
export function Cells({ id, hidden }: { id: string; hidden: boolean }) {
  const { t } = useTranslation();
  const fields = useApi("GET /segments/{segment_id}/breakdown", { path: { segment_id: id } });
  const name = (field: string, value: string) => {
    if (!value) return t("segment.no_value");
    return field === "gender" && GENDERS.has(value) ? t(`customer.gender_${value}`) : value;
  };
  return (
    <Section title={t("segment.cells")} note={hidden ? t("segment.cells_how") : undefined}>
      <Asked query={fields} what={t("segment.cells")} skeleton={<RowsSkeleton rows={3} />}>
        {(data) => (
          <div className="segment-cells">
            {data.map(({ field, cells }) => (
              <div key={field}>
                <h3>{t(`segment.field.${field}`)}</h3>
                {!cells && <p className="soft small">{t("segment.not_told")}</p>}
                <ul className="plain-list">
                  {[...(cells ?? [])]
                    .sort((a, b) => b.customers - a.customers)
                    .slice(0, SHOWN)
                    .map((cell) => (
                      <li key={cell.value} className="row apart">
                        <span className="clip">{name(field, cell.value)}</span>
                        <span className="nowrap">{count(cell.customers)}</span>
                      </li>
                    ))}
                </ul>
              </div>
            ))}
          </div>
        )}
      </Asked>
    </Section>
  );
}
