import { CloseOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { Guard } from "../../part/confirm";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";
import { When } from "../../part/value";
import { useCan } from "../../session";
import { TagMark } from "../tag/mark";

/** The tags that somebody has; who may puts more on. */
export function PersonTags({ id }: { id: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const actorName = useActorName();
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
      <h2>{t("nav.tags")}</h2>
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
