import { Button, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { ReadySegment, Segment } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { useLook } from "../../look";
import { Guard } from "../../part/confirm";
import { Section } from "../../part/page";
import { say } from "../../part/say";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";

/** Segments that a shop can begin with, as far as it has none of that name. */
export function ReadyOnes({ all }: { all: Segment[] }) {
  const { t } = useTranslation();
  const { lang } = useLook();
  const errorText = useErrorText();
  const ready = useApi("GET /segments/ready");
  const make = useAct("POST /segments", ["GET /segments"], {
    onSuccess: () => say.success(t("act.saved")),
    onError: (error) => say.error(errorText(error)),
  });
  const name = (one: ReadySegment) => (lang === "zh" ? one.name_zh : one.name_en);
  const why = (one: ReadySegment) => (lang === "zh" ? one.why_zh : one.why_en);
  const known = new Set(all.map((one) => one.name));
  const begin = (one: ReadySegment) =>
    make.mutate({
      body: {
        name: name(one),
        note: why(one),
        expr: one.expr as never,
        active: true,
        frozen: false,
      },
    });
  return (
    <Section title={t("segment.ready")} note={t("segment.ready_how")}>
      <Asked query={ready} what={t("segment.ready")} skeleton={<RowsSkeleton rows={6} />}>
        {(data) => (
          <div className="scroll-x">
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">{t("segment.name")}</th>
                  <th scope="col">{t("segment.who")}</th>
                  <th scope="col" className="right">
                    {t("segment.size")}
                  </th>
                  <th scope="col">
                    <span className="unseen">{t("segment.activate")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data
                  .filter((one) => !known.has(one.name_zh) && !known.has(one.name_en))
                  .map((one) => (
                    <tr key={one.code}>
                      <td>
                        <span className="strong">{name(one)}</span>
                        {one.private && (
                          <Tag color="processing" style={{ marginLeft: 8 }}>
                            {t("segment.private")}
                          </Tag>
                        )}
                      </td>
                      <td>{why(one)}</td>
                      <td className="right">
                        {one.count === null ? (
                          <span className="soft">{t("segment.not_told")}</span>
                        ) : (
                          count(one.count)
                        )}
                      </td>
                      <td className="right">
                        <Guard may="segments.write">
                          <Button
                            type="link"
                            size="small"
                            aria-label={`${t("segment.activate")} ${name(one)}`}
                            onClick={() => begin(one)}
                          >
                            {t("segment.activate")}
                          </Button>
                        </Guard>
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        )}
      </Asked>
    </Section>
  );
}
