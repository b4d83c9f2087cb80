import { CloseOutlined } from "@ant-design/icons";
import { Button, Drawer, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { Guard } from "../../part/confirm";
import { say } from "../../part/say";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useCan } from "../../session";
import { TagMark } from "../tag/mark";

/** The tags that somebody has; who may puts more on. */
export function PersonTags({ id }: { id: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const actorName = useActorName();
  const [past, setPast] = useState(false);
  const path = { customer_id: id };
  const own = useApi("GET /customers/{customer_id}/tags", { path });
  const all = useApi("GET /tags", {}, { enabled: can("segments.read") });
  const change = useAct("POST /tags/{tag_id}/people", OF_MEMBERS, {
    onError: (error) => say.error(errorText(error)),
  });
  const set = (tag: string, add: boolean) =>
    change.mutate({ path: { tag_id: tag }, body: { add, customer_ids: [id] } });
  const has = new Set(own.data?.map((one) => one.tag_id));
  const more = (all.data ?? []).filter((one) => !one.segment_id && !has.has(one.tag_id));
  return (
    <section aria-label={t("nav.tags")} className="card-part">
      <div className="row apart">
        <h2>{t("nav.tags")}</h2>
        <Button type="link" size="small" onClick={() => setPast(true)}>
          {t("tag.past")}
        </Button>
      </div>
      {past && <TagPast id={id} close={() => setPast(false)} />}
      {own.data?.length === 0 && <p className="soft">{t("tag.none_here")}</p>}
      <ul className="identities">
        {own.data?.map((one) => (
          <li key={one.tag_id}>
            <div className="row apart">
              <TagMark name={one.name} colour={one.colour} />
              {!one.segment_id && (
                <Guard may="customers.edit">
                  <Button
                    type="text"
                    size="small"
                    icon={<CloseOutlined aria-hidden />}
                    aria-label={t("tag.take", { name: one.name })}
                    onClick={() => set(one.tag_id, false)}
                  />
                </Guard>
              )}
            </div>
            <div className="small soft">
              {one.actor ? actorName(one.actor) : t("tag.from_segment")}
              {one.since && (
                <>
                  {" · "}
                  <When at={one.since} as="ago" />
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
      {more.length > 0 && (
        <Guard may="customers.edit">
          <Select
            aria-label={t("tag.add_here")}
            placeholder={t("tag.add_here")}
            value={null}
            style={{ width: "100%" }}
            options={more.map((one) => ({
              value: one.tag_id,
              label: one.family ? `${one.family} · ${one.name}` : one.name,
            }))}
            optionFilterProp="label"
            showSearch
            onChange={(tag: string) => set(tag, true)}
          />
        </Guard>
      )}
    </section>
  );
}

/** Which tags somebody got and lost, from whom and when. */
function TagPast({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const past = useApi("GET /customers/{customer_id}/tags/history", { path: { customer_id: id } });
  return (
    <Drawer open onClose={close} size={480} title={t("tag.past_here")}>
      <Asked query={past} what={t("tag.past")} skeleton={<RowsSkeleton rows={4} />}>
        {(all) =>
          all.length === 0 ? (
            <p className="soft">{t("tag.no_past_here")}</p>
          ) : (
            <ul className="stack">
              {all.map((one) => (
                <li key={one.batch_id}>
                  <span className="row">
                    {t(one.added ? "tag.put_on" : "tag.take_off")}
                    <TagMark name={one.name} colour={one.colour} />
                  </span>
                  <span className="soft small">
                    {actorName(one.actor)} · {t(`tag.by.${one.how}`)} ·{" "}
                    <When at={one.at} as="minute" />
                    {one.undone_at ? ` · ${t("tag.ended")}` : ""}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Drawer>
  );
}
