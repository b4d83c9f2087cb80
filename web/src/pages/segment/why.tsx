import { Link } from "@tanstack/react-router";
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import type { RuleGroupType, RuleType } from "react-querybuilder";
import type { Customer, Reason, Segment } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { Asked, RowsSkeleton } from "../../part/state";
import { useMoney, When } from "../../part/value";
import { customerTitle } from "../customer/columns";
import { useNames } from "./rosters";
import type { Speaker } from "./sentence";
import { sentence } from "./sentence";
import type { Did } from "./words";
import { isMoney } from "./words";

interface WhyProps {
  /** The customer who is asked about. */
  customer: string | null;
  expr: RuleGroupType;
  segments: Segment[];
  aside?: Customer | undefined;
  close: () => void;
}

/** Why conditions mean a customer, or do not. */
export function WhyDrawer({ customer, expr, segments, aside, close }: WhyProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      open={customer !== null}
      onClose={close}
      size={480}
      title={t("segment.why_title", { name: aside ? customerTitle(aside) : customer })}
      destroyOnHidden
      extra={
        customer && (
          <Link to="/customers/$customerId" params={{ customerId: customer }} className="go-button">
            {t("list.open")}
          </Link>
        )
      }
    >
      {customer && <Why customer={customer} expr={expr} segments={segments} />}
    </Drawer>
  );
}

function Why({
  customer,
  expr,
  segments,
}: {
  customer: string;
  expr: RuleGroupType;
  segments: Segment[];
}) {
  const { t } = useTranslation();
  const money = useMoney();
  const body = { expr: expr as never, customer_id: customer };
  const reason = useApi("POST /segments/explain", { body });
  const named = useNames();
  const speaker = { t, money: money.full, segments, named };
  return (
    <Asked query={reason} what={t("segment.why")} skeleton={<RowsSkeleton rows={4} />}>
      {(data) => (
        <div className="reason">
          <p className="strong">{t(`segment.held_${String(data.held === true)}`)}</p>
          <ul>
            <Node reason={data} expr={expr} speaker={speaker} />
          </ul>
        </div>
      )}
    </Asked>
  );
}

/** The field whose value was found: that of a measure, where one is taken. */
export function foundField(rule: Did): string {
  if (!rule.measure) return rule.field;
  const { of, field } = rule.measure;
  return of === "distinct" ? "" : (field ?? "");
}

/** The condition at a place such as `rules[1].rules[0]`. */
export function ruleAt(expr: RuleGroupType, at: string): RuleType | RuleGroupType | null {
  let here: unknown = expr;
  for (const [, index] of at.matchAll(/rules\[(\d+)\]/g)) {
    here = (here as RuleGroupType | undefined)?.rules?.[Number(index)];
  }
  return (here as RuleType | undefined) ?? null;
}

const MARKS = { true: "✓", false: "✗", null: "?" };

function Node({
  reason,
  expr,
  speaker,
}: {
  reason: Reason;
  expr: RuleGroupType;
  speaker: Speaker;
}) {
  const { t } = useTranslation();
  const mark = MARKS[String(reason.held) as keyof typeof MARKS];
  const word = t(`segment.mark_${String(reason.held)}`);
  const parts = reason.parts ?? [];
  const rule = reason.at ? ruleAt(expr, reason.at) : null;
  const said = rule
    ? sentence({ combinator: "and", rules: [rule] } as RuleGroupType, speaker)
    : t(`segment.group_${reason.combinator ?? "and"}`);
  return (
    <li>
      <span aria-label={word} title={word} className={reason.held ? "strong" : "soft"}>
        {mark}
      </span>{" "}
      {said}
      {reason.at && <FoundValue reason={reason} rule={rule} speaker={speaker} />}
      {parts.length > 0 && (
        <ul>
          {parts.map((part, at) => (
            <Node key={part.at ?? at} reason={part} expr={expr} speaker={speaker} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface FoundProps {
  reason: Reason;
  rule: RuleType | RuleGroupType | null;
  speaker: Speaker;
}

function FoundValue({ reason, rule, speaker }: FoundProps) {
  const { t } = useTranslation();
  const found = reason.found as unknown;
  const field = rule && "field" in rule ? foundField(rule) : "";
  if (found === null || found === undefined) {
    return <span className="soft small"> {t("segment.found_none")}</span>;
  }
  const time = typeof found === "string" && /^\d{4}-\d\d-\d\dT/.test(found);
  const money = typeof found === "number" && isMoney(field);
  return (
    <span className="soft small">
      {" "}
      {t("segment.found")}{" "}
      {time ? (
        <When at={found} as="minute" />
      ) : money ? (
        speaker.money(found)
      ) : field === "stratum" ? (
        t(`stratum.${String(found)}`)
      ) : field === "lifecycle" ? (
        t(`lifecycle.stage.${String(found)}`)
      ) : typeof found === "boolean" ? (
        t(`segment.say.${String(found)}`)
      ) : (
        String(found)
      )}
    </span>
  );
}
