import { Link } from "@tanstack/react-router";
import { Button, Drawer, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, Tag, TagBatch } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Page } from "../../part/page";
import { PeopleDrawer } from "../../part/people";
import { say } from "../../part/say";
import { Asked, Empty, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { CustomerLink } from "../customer/columns";
import { useNames } from "../segment/rosters";
import { TagForm } from "./form";
import { TagMark } from "./mark";

type Open = { what: "form" | "bulk" | "past" | "remove"; tag: Tag | null };

/** The tags of the shop. */
export function Tags() {
  const { t } = useTranslation();
  const tags = useApi("GET /tags");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const remove = useAct("DELETE /tags/{tag_id}", OF_MEMBERS);
  const create = (
    <Guard may="segments.write">
      <Button type="primary" onClick={() => setOpen({ what: "form", tag: null })}>
        {t("tag.new")}
      </Button>
    </Guard>
  );
  const tag = open?.tag ?? null;
  return (
    <Page title={t("nav.tags")} lead={t("tag.lead")} actions={create}>
      <Asked query={tags} what={t("nav.tags")} skeleton={<RowsSkeleton rows={5} />}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={t("tag.empty")} why={t("tag.empty_why")} action={create} />
          ) : (
            <Rows all={all} act={(what, one) => setOpen({ what, tag: one })} />
          )
        }
      </Asked>
      {open?.what === "form" && <TagForm before={tag} all={tags.data ?? []} close={close} />}
      {open?.what === "bulk" && tag && <Bulk tag={tag} close={close} />}
      {open?.what === "past" && tag && <Past tag={tag} close={close} />}
      <ConfirmAct
        open={open?.what === "remove"}
        title={t("tag.remove")}
        what={t("tag.remove_what", { name: tag?.name, count: tag?.customers ?? 0 })}
        verb={t("tag.remove")}
        danger
        act={() => remove.mutateAsync({ path: { tag_id: tag?.tag_id ?? "" } })}
        onClose={close}
      />
    </Page>
  );
}

function Rows({ all, act }: { all: Tag[]; act: (what: Open["what"], tag: Tag) => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  return (
    <div className="scroll-x">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("tag.one")}</th>
            <th scope="col">{t("tag.family")}</th>
            <th scope="col" className="right">
              {t("tag.people")}
            </th>
            <th scope="col">{t("tag.how")}</th>
            <th scope="col">{t("tag.owner")}</th>
            <th scope="col">
              <span className="unseen">{t("source.acts")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.tag_id}>
              <td>
                <TagMark name={one.name} colour={one.colour} />
                {one.note && <p className="soft small clip">{one.note}</p>}
                <Brings tag={one} />
              </td>
              <td>{one.family || "–"}</td>
              <td className="right">
                {one.customers === null ? (
                  <span className="soft">–</span>
                ) : (
                  <Link to="/customers" search={{ tag: one.tag_id }}>
                    {count(one.customers)}
                  </Link>
                )}
              </td>
              <td className="soft">
                {one.segment_id ? (
                  <Link to="/segments/$segmentId" params={{ segmentId: one.segment_id }}>
                    {t("tag.from_segment")}
                  </Link>
                ) : one.days ? (
                  t("tag.for_days", { count: one.days })
                ) : (
                  t("tag.by_hand")
                )}
              </td>
              <td className="soft">{actorName(one.owner)}</td>
              <td className="right nowrap">
                {!one.segment_id && (
                  <>
                    <Guard may="customers.edit">
                      <Button type="link" size="small" onClick={() => act("bulk", one)}>
                        {t("tag.bulk")}
                      </Button>
                    </Guard>
                    <Button type="link" size="small" onClick={() => act("past", one)}>
                      {t("tag.past")}
                    </Button>
                  </>
                )}
                <Guard may="segments.write">
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

/** What whoever has a tag gets by it. */
function Brings({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const named = useNames();
  const tier = tag.tier_id && named("tier", tag.tier_id);
  const activity = tag.activity_id && named("activity", tag.activity_id);
  if (!tier && !activity) return null;
  return (
    <p className="soft small">
      {[tier && t("tag.brings", { name: tier }), activity && t("tag.joins", { name: activity })]
        .filter(Boolean)
        .join(" · ")}
    </p>
  );
}

/** Puts a tag on everybody in a segment, or takes it off. */
function Bulk({ tag, close }: { tag: Tag; close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [add, setAdd] = useState(true);
  const [segment, setSegment] = useState<string | null>(null);
  const segments = useApi("GET /segments");
  const apply = useAct("POST /tags/{tag_id}/people", OF_MEMBERS, {
    onError: (error) => say.error(errorText(error)),
    onSuccess: (done) => {
      say.success(t("tag.done", { count: done.changed }));
      close();
    },
  });
  const usable = (segments.data ?? []).filter((one) => one.size !== null && !one.private);
  return (
    <Modal
      open
      title={t("tag.bulk_title", { name: tag.name })}
      okText={t(add ? "tag.put_on" : "tag.take_off")}
      okButtonProps={{ disabled: !segment }}
      confirmLoading={apply.isPending}
      cancelText={t("act.cancel")}
      onOk={() =>
        apply.mutate({ path: { tag_id: tag.tag_id }, body: { add, segment_id: segment } })
      }
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <Radio.Group
          value={add}
          aria-label={t("tag.what")}
          onChange={(event) => setAdd(Boolean(event.target.value))}
          options={[
            { value: true, label: t("tag.put_on") },
            { value: false, label: t("tag.take_off") },
          ]}
        />
        <label className="stack">
          <span>{t("tag.of_segment")}</span>
          <Select
            aria-label={t("tag.of_segment")}
            value={segment}
            options={usable.map((one) => ({
              value: one.segment_id,
              label: `${one.name} · ${count(one.size ?? 0)}`,
            }))}
            optionFilterProp="label"
            showSearch
            onChange={setSegment}
          />
        </label>
        <p className="soft small">{t("tag.bulk_how")}</p>
      </div>
    </Modal>
  );
}

/** What was done with a tag, and undoing it. */
function Past({ tag, close }: { tag: Tag; close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const actorName = useActorName();
  const done = useApi("GET /tags/{tag_id}/batches", { path: { tag_id: tag.tag_id } });
  const said = (one: TagBatch) =>
    t(one.added ? "tag.was_put" : "tag.was_taken", { count: one.changed });
  const undo = useAct("POST /tags/batches/{batch_id}/undo", OF_MEMBERS, {
    onError: (error) => say.error(errorText(error)),
  });
  const [whom, setWhom] = useState<TagBatch | null>(null);
  return (
    <Drawer open onClose={close} size={560} title={t("tag.past_title", { name: tag.name })}>
      <Asked query={done} what={t("tag.past")} skeleton={<RowsSkeleton rows={4} />}>
        {(all) =>
          all.length === 0 ? (
            <p className="soft">{t("tag.no_past")}</p>
          ) : (
            <ul className="stack">
              {all.map((one) => (
                <li key={one.batch_id} className="row apart">
                  <span>
                    {said(one)} · {t(`tag.by.${one.how}`)}
                    <span className="soft small" style={{ display: "block" }}>
                      {actorName(one.actor)} · <When at={one.at} as="minute" />
                      {one.undone_at ? ` · ${t("tag.ended")}` : ""}
                    </span>
                  </span>
                  <span className="row">
                    {one.changed > 0 && (
                      <Guard may="customers.read">
                        <Button size="small" onClick={() => setWhom(one)}>
                          {t("tag.whom")}
                        </Button>
                      </Guard>
                    )}
                    {!one.undone_at && one.how !== "undo" && (
                      <Guard may="customers.edit">
                        <Button
                          size="small"
                          onClick={() => undo.mutate({ path: { batch_id: one.batch_id } })}
                        >
                          {t("tag.undo")}
                        </Button>
                      </Guard>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
      {whom && (
        <PeopleDrawer
          title={said(whom)}
          what={t("tag.past")}
          operation="GET /tags/batches/{batch_id}/people"
          input={{ path: { batch_id: whom.batch_id }, query: { changed: true } }}
          rowKey={(one: Customer) => one.customer_id}
          row={(one: Customer) => <CustomerLink one={one} />}
          close={() => setWhom(null)}
        />
      )}
    </Drawer>
  );
}
