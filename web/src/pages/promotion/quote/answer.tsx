import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { count } from "../../../format";
import { Figure, FigureRow } from "../../../part/figure";
import { Section } from "../../../part/page";
import { Money } from "../../../part/value";
import { useSpeaker } from "../../offer/say";
import type { Speaker } from "../../offer/text";
import type { Quote, QuoteStep } from "../../../api/shape";
import { missText, offerName, proofText, stepText, unusedText } from "./say";

/** What a cart gets, by what, and what it does not. */
export function Answer({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const { misses, steps, unused } = quote;
  const speaker = useSpeaker([]);
  const title = (line: number) => {
    const own = quote.lines.find((one) => one.line === line);
    return own ? (own.title ?? own.sku) : String(line);
  };
  return (
    <div role="status">
      <Totals quote={quote} />
      <p className="soft small">{proofText(quote, speaker)}</p>
      {misses.length > 0 && (
        <Section title={t("quote.misses")}>
          <ul className="stack">
            {misses.map((miss) => (
              <li key={`${miss.offer.kind} ${miss.offer.number} ${miss.step ?? ""}`}>
                {missText(miss, speaker)}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t("quote.steps")}>
        {steps.length === 0 && !quote.points && <p className="soft">{t("quote.no_steps")}</p>}
        <ol className="stack wide">
          {steps.map((step, at) => (
            <StepPart key={at} step={step} title={title} speaker={speaker} />
          ))}
          {quote.points && <PointsPart points={quote.points} title={title} />}
        </ol>
      </Section>
      <Section title={t("quote.lines")}>
        <Lines quote={quote} />
      </Section>
      {unused.length > 0 && (
        <Section title={t("quote.unused")}>
          <ul className="stack">
            {unused.map((one) => (
              <li key={`${one.offer.kind} ${one.offer.number} ${one.offer.code ?? ""}`}>
                {offerName(one.offer, speaker)}
                <span className="soft"> · {unusedText(one, speaker)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Totals({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  return (
    <FigureRow>
      <Figure name={t("quote.pay")} value={<Money minor={quote.pay_minor} />} main />
      <Figure name={t("quote.original")} value={<Money minor={quote.original_minor} />} />
      <Figure name={t("quote.saved")} value={<Money minor={quote.off_minor} />} />
      <Figure name={t("quote.given_back")} value={<Money minor={quote.back_minor} />} />
      <Figure name={t("quote.postage_pay")} value={<Money minor={quote.postage.pay_minor} />} />
    </FigureRow>
  );
}

interface StepPartProps {
  step: QuoteStep;
  title: (line: number) => string;
  speaker: Speaker;
}

function StepPart({ step, title, speaker }: StepPartProps) {
  const { t, money } = speaker;
  return (
    <li>
      <span className="strong">{offerName(step.offer, speaker)}</span>{" "}
      <Tag>{t(`stacking.stage.${step.stage}`)}</Tag>
      <p>{stepText(step, speaker).join(t("ledger.stop"))}</p>
      <ul className="soft small">
        {step.lines.map((one) => (
          <li key={one.line}>
            {t("quote.bears", {
              title: title(one.line),
              before: money(one.before_minor),
              after: money(one.after_minor),
              off: money(one.off_minor),
            })}
            {one.back_minor > 0 && t("quote.bears_back", { back: money(one.back_minor) })}
          </li>
        ))}
      </ul>
    </li>
  );
}

interface PointsPartProps {
  points: NonNullable<Quote["points"]>;
  title: (line: number) => string;
}

function PointsPart({ points, title }: PointsPartProps) {
  const { t } = useTranslation();
  const { money } = useSpeaker([]);
  const told = (own: { points: number; minor: number }) =>
    t("quote.points_pay", { points: count(own.points), amount: money(own.minor) });
  return (
    <li>
      <span className="strong">{t("quote.by_points")}</span>
      <p>{told(points)}</p>
      <ul className="soft small">
        {points.lines.map((one) => (
          <li key={one.line}>{t("quote.of_line", { title: title(one.line), what: told(one) })}</li>
        ))}
      </ul>
    </li>
  );
}

const AMOUNTS = ["original_minor", "off_minor", "points_minor", "pay_minor"] as const;

function Lines({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const { postage } = quote;
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("quote.product")}</th>
            <th scope="col" className="right">
              {t("quote.pieces")}
            </th>
            {AMOUNTS.map((name) => (
              <th key={name} scope="col" className="right">
                {t(`quote.head.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {quote.lines.map((line) => (
            <tr key={line.line}>
              <td>
                {line.title ?? line.sku}
                {line.title && <p className="soft small">{line.sku}</p>}
              </td>
              <td className="right">{count(line.pieces)}</td>
              {AMOUNTS.map((name) => (
                <td key={name} className="right">
                  <Money minor={line[name]} />
                </td>
              ))}
            </tr>
          ))}
          {postage.original_minor > 0 && (
            <tr>
              <td colSpan={2}>{t("quote.postage")}</td>
              {AMOUNTS.map((name) => (
                <td key={name} className="right">
                  <Money minor={name === "points_minor" ? 0 : postage[name]} />
                </td>
              ))}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
