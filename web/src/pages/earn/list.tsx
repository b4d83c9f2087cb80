import { Button, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EarnRule } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page } from "../../part/page";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { useAmount } from "../ledger/unit";
import { RuleForm } from "./form";
import { useRuleText } from "./say";
import { WouldEarn } from "./would";

type Open = { what: "form" | "remove" | "would"; rule: EarnRule | null };

/** By what customers earn. */
export function EarnRules() {
  const { t } = useTranslation();
  const rules = useApi("GET /earn_rules");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const remove = useAct("DELETE /earn_rules/{rule_id}", ["GET /earn_rules"]);
  const own = open?.rule ?? null;
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", rule: null })}>
        {t("earn.new")}
      </Button>
    </Guard>
  );
  const actions = (
    <>
      {(rules.data?.length ?? 0) > 0 && (
        <Button onClick={() => setOpen({ what: "would", rule: null })}>{t("earn.would")}</Button>
      )}
      {create}
    </>
  );
  return (
    <Page title={t("nav.earn_rules")} lead={t("earn.lead")} actions={actions}>
      <Asked query={rules} what={t("nav.earn_rules")} skeleton={<RowsSkeleton rows={4} />}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t("earn.empty")} why={t("earn.empty_why")} action={create} />
          ) : (
            <Rows all={all} act={(what, rule) => setOpen({ what, rule })} />
          )
        }
      </Asked>
      {open?.what === "form" && <RuleForm before={own} close={close} />}
      {open?.what === "would" && <WouldEarn close={close} />}
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("earn.remove")}
        what={t("earn.remove_what", { name: own?.name })}
        verb={t("earn.remove")}
        danger
        act={() => remove.mutateAsync({ path: { rule_id: own?.rule_id ?? "" } })}
        onClose={close}
      />
    </Page>
  );
}

interface RowsProps {
  all: EarnRule[];
  act: (what: Open["what"], rule: EarnRule) => void;
}

function Rows({ all, act }: RowsProps) {
  const { t } = useTranslation();
  const text = useRuleText();
  const amount = useAmount();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("earn.one")}</th>
            <th scope="col">{t("earn.says")}</th>
            <th scope="col" className="right">
              {t("earn.given")}
            </th>
            <th scope="col" className="right">
              {t("earn.things")}
            </th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.rule_id}>
              <td>
                {one.name}
                <p className="small">
                  <Tag>{t(one.active ? "earn.active" : "earn.off")}</Tag>
                </p>
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td>
                {text(one).map((line, at) => (
                  <p key={line} className={at === 0 ? "" : "soft small"}>
                    {line}
                  </p>
                ))}
              </td>
              <td className="right nowrap">
                {amount(one.unit, one.given)}
                <p className="soft small">{t(`ledger.unit.${one.unit}`)}</p>
              </td>
              <td className="right">{count(one.things)}</td>
              <td className="right nowrap">
                <Guard may="benefits.write">
                  <Button type="link" size="small" onClick={() => act("form", one)}>
                    {t("act.edit")}
                  </Button>
                  {one.things === 0 && (
                    <Button type="link" size="small" danger onClick={() => act("remove", one)}>
                      {t("act.delete")}
                    </Button>
                  )}
                </Guard>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
