import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page } from "../../part/page";
import { say } from "../../part/say";
import { Asked, Empty, RowsSkeleton, useErrorText } from "../../part/state";
import { TagMark } from "../tag/mark";
import { TierForm } from "./form";
import { Give } from "./give";
import { Past } from "./past";
import { PlanPart } from "./plan/part";

type Open = { what: "form" | "give" | "past" | "remove"; tier: Tier | null };

/** The usual levels with their colours, the lowest first. */
const USUAL = [
  ["low", "grey"],
  ["middle", "orange"],
  ["high", "blue"],
] as const;

/** The levels of the shop's members. */
export function Tiers() {
  const { t } = useTranslation();
  const tiers = useApi("GET /tiers");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const remove = useAct("DELETE /tiers/{tier_id}", OF_MEMBERS);
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", tier: null })}>
        {t("tier.new")}
      </Button>
    </Guard>
  );
  const tier = open?.tier ?? null;
  return (
    <Page title={t("nav.tiers")} lead={t("tier.lead")} actions={create}>
      <Asked query={tiers} what={t("nav.tiers")} skeleton={<RowsSkeleton rows={3} />}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t("tier.empty")} why={t("tier.empty_why")} action={<Usual />} />
          ) : (
            <>
              <Rows all={all} act={(what, one) => setOpen({ what, tier: one })} />
              <PlanPart tiers={all} />
            </>
          )
        }
      </Asked>
      {open?.what === "form" && <TierForm before={tier} all={tiers.data ?? []} close={close} />}
      {open?.what === "give" && tier && <Give tier={tier} close={close} />}
      {open?.what === "past" && tier && <Past tier={tier} close={close} />}
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("tier.remove")}
        what={t("tier.remove_what", { name: tier?.name })}
        verb={t("tier.remove")}
        danger
        act={() => remove.mutateAsync({ path: { tier_id: tier?.tier_id ?? "" } })}
        onClose={close}
      />
    </Page>
  );
}

/** Makes the three levels that most shops begin with. */
function Usual() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const make = useAct("POST /tiers", OF_MEMBERS);
  const all = async () => {
    try {
      for (const [which, colour] of USUAL) {
        await make.mutateAsync({ body: { name: t(`tier.usual_level.${which}`), colour } });
      }
    } catch (error) {
      say.error(errorText(error));
    }
  };
  return (
    <Guard may="benefits.write">
      <Button type="primary" loading={make.isPending} onClick={() => void all()}>
        {t("tier.usual")}
      </Button>
    </Guard>
  );
}

function Rows({ all, act }: { all: Tier[]; act: (what: Open["what"], tier: Tier) => void }) {
  const { t } = useTranslation();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("tier.place")}</th>
            <th scope="col">{t("tier.one")}</th>
            <th scope="col" className="right">
              {t("tier.people")}
            </th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one, at) => (
            <tr key={one.tier_id}>
              <td className="soft">{at + 1}</td>
              <td>
                <TagMark name={one.name} colour={one.colour} />
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td className="right">
                <Link to="/customers" search={{ tier: one.tier_id }}>
                  {count(one.customers)}
                </Link>
              </td>
              <td className="right nowrap">
                <Guard may="benefits.write">
                  <Button type="link" size="small" onClick={() => act("give", one)}>
                    {t("tier.give")}
                  </Button>
                </Guard>
                <Button type="link" size="small" onClick={() => act("past", one)}>
                  {t("tier.past")}
                </Button>
                <Guard may="benefits.write">
                  <Button type="link" size="small" onClick={() => act("form", one)}>
                    {t("act.edit")}
                  </Button>
                  <Button type="link" size="small" danger onClick={() => act("remove", one)}>
                    {t("act.delete")}
                  </Button>
                </Guard>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
