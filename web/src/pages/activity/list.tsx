import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Activity } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page } from "../../part/page";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { useCan } from "../../session";
import { useNames } from "../segment/rosters";
import { TagMark } from "../tag/mark";
import { ActivityForm } from "./form";

type Open = { what: "form" | "remove"; activity: Activity | null };

/** What people take part in for a while. */
export function Activities() {
  const { t } = useTranslation();
  const activities = useApi("GET /activities");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const remove = useAct("DELETE /activities/{activity_id}", OF_MEMBERS);
  const create = (
    <Guard may="benefits.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", activity: null })}>
        {t("activity.new")}
      </Button>
    </Guard>
  );
  const own = open?.activity ?? null;
  return (
    <Page title={t("nav.activities")} lead={t("activity.lead")} actions={create}>
      <Asked query={activities} what={t("nav.activities")} skeleton={<RowsSkeleton rows={3} />}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t("activity.empty")} why={t("activity.empty_why")} action={create} />
          ) : (
            <Rows all={all} act={(what, activity) => setOpen({ what, activity })} />
          )
        }
      </Asked>
      {open?.what === "form" && <ActivityForm before={own} close={close} />}
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("activity.remove")}
        what={t("activity.remove_what", { name: own?.name, count: own?.customers ?? 0 })}
        verb={t("activity.remove")}
        danger
        act={() => remove.mutateAsync({ path: { activity_id: own?.activity_id ?? "" } })}
        onClose={close}
      />
    </Page>
  );
}

interface RowsProps {
  all: Activity[];
  act: (what: Open["what"], activity: Activity) => void;
}

function Rows({ all, act }: RowsProps) {
  const { t } = useTranslation();
  const can = useCan();
  const named = useNames();
  const tags = useApi("GET /tags", {}, { enabled: can("segments.read") });
  const carry = (id: string) => (tags.data ?? []).filter((one) => one.activity_id === id);
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("activity.one")}</th>
            <th scope="col">{t("activity.days")}</th>
            <th scope="col">{t("activity.tier")}</th>
            <th scope="col">{t("activity.tags")}</th>
            <th scope="col" className="right">
              {t("activity.people")}
            </th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.activity_id}>
              <td>
                {one.name}
                {one.note && <p className="soft small clip">{one.note}</p>}
              </td>
              <td>
                {t(`activity.state.${one.state}`)}
                <p className="soft small nowrap">
                  {one.first_day} – {one.last_day}
                </p>
              </td>
              <td>
                {one.tier_id ? (named("tier", one.tier_id) ?? one.tier_id) : t("activity.no_tier")}
                {one.tier_last_day && (
                  <p className="soft small nowrap">{t("tier.until", { day: one.tier_last_day })}</p>
                )}
              </td>
              <td>
                {carry(one.activity_id).map((tag) => (
                  <TagMark key={tag.tag_id} name={tag.name} colour={tag.colour} />
                ))}
                {carry(one.activity_id).length === 0 && (
                  <span className="soft small">{t("activity.no_tags")}</span>
                )}
              </td>
              <td className="right">
                <Link to="/customers" search={{ activity: one.activity_id }}>
                  {count(one.customers)}
                </Link>
              </td>
              <td className="right nowrap">
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
