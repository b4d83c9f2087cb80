import { useTranslation } from "react-i18next";
import type { PositioningMeasured, PositioningReport } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Figure, FigureRow } from "../../part/figure";
import { Page, Section } from "../../part/page";
import { Asked, BlockSkeleton } from "../../part/state";
import { useMoney } from "../../part/value";
import { Declare } from "./declare";
import { useValueName } from "./words";

/** The people the shop is made for, and how much of its business they are. */
export function PositioningPage() {
  const { t } = useTranslation();
  const shown = useApi("GET /positioning");
  return (
    <Page title={t("nav.positioning")} lead={t("positioning.lead")}>
      <Asked query={shown} what={t("nav.positioning")} skeleton={<BlockSkeleton height={480} />}>
        {(data) => (
          <>
            <Declare declared={data.declared} />
            {data.report && <Report of={data.report} />}
          </>
        )}
      </Asked>
    </Page>
  );
}

function Report({ of }: { of: PositioningReport }) {
  const { t } = useTranslation();
  const money = useMoney();
  const { known, inside } = of;
  return (
    <>
      <Section
        title={t("positioning.inside")}
        note={t("positioning.known", { known: count(known.customers), all: count(of.customers) })}
      >
        <FigureRow>
          <Part
            name={t("positioning.buyers")}
            share={of.share.buyers}
            note={t("positioning.of", {
              some: count(inside.buyers),
              all: count(known.buyers),
            })}
          />
          <Part
            name={t("positioning.net")}
            share={of.share.net}
            note={t("positioning.of", {
              some: money.round(inside.net_minor),
              all: money.round(known.net_minor),
            })}
          />
          <Part
            name={t("positioning.margin")}
            share={of.share.margin}
            note={
              of.cost_share
                ? t("positioning.costed", { share: share(of.cost_share) })
                : t("positioning.no_costs")
            }
          />
        </FigureRow>
      </Section>
      <Attributes of={of} />
      <Adjacent of={of} />
    </>
  );
}

/** A share with what it is of. */
function Part(props: { name: string; share: number | null; note: string }) {
  const value = (
    <>
      {props.share === null ? "–" : share(props.share)}
      <div className="soft small">{props.note}</div>
    </>
  );
  return <Figure name={props.name} value={value} />;
}

/** Each declared attribute by itself. */
function Attributes({ of }: { of: PositioningReport }) {
  const { t } = useTranslation();
  const index = (value: number | null) => (value === null ? "–" : count(Math.round(value)));
  const shareOf = (some: PositioningMeasured, all: PositioningMeasured) =>
    all.customers > 0 ? share(some.customers / all.customers) : "–";
  return (
    <Section title={t("positioning.each")} note={t("positioning.each_how")}>
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t("positioning.attribute")}</th>
              {(["share", "buyers_index", "value_index", "coverage"] as const).map((name) => (
                <th scope="col" className="right" key={name}>
                  {t(`positioning.column.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.attributes.map((one) => (
              <tr key={one.attribute}>
                <th scope="row">{t(`positioning.by.${one.attribute}`)}</th>
                <td className="right">{shareOf(one.inside, one.known)}</td>
                <td className="right">{index(one.buyers_index)}</td>
                <td className="right">{index(one.value_index)}</td>
                <td className="right">
                  {of.customers > 0 ? share(one.known.customers / of.customers) : "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** The groups next to those that the shop is made for. */
function Adjacent({ of }: { of: PositioningReport }) {
  const { t } = useTranslation();
  const money = useMoney();
  const valueName = useValueName();
  return (
    <Section title={t("positioning.adjacent")} note={t("positioning.adjacent_how")}>
      {of.adjacent.length === 0 && <p className="soft">{t("positioning.no_adjacent")}</p>}
      <ul className="stack">
        {of.adjacent.map((one) => (
          <li key={`${one.attribute} ${one.value}`}>
            <p>
              <span className="strong">
                {t("positioning.differs", {
                  attribute: t(`positioning.by.${one.attribute}`),
                  value: valueName(one.attribute, one.value),
                })}
              </span>{" "}
              {t("positioning.prize", { money: money.round(one.prize_minor) })}
            </p>
            <p className="soft small">
              {t("positioning.group", {
                customers: count(one.customers),
                buyers: count(one.buyers),
                money: money.round(one.net_minor),
              })}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
