import { useNavigate } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, Tier } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { Guard } from "../../part/confirm";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";
import { useCan } from "../../session";
import { Give } from "../tier/give";

/** What can be done with customers who were chosen from the list. */
export function Bulk({ rows }: { rows: Customer[] }) {
  const ids = rows.map((one) => one.customer_id);
  return (
    <>
      <Guard may="customers.edit">
        <TagThem ids={ids} />
      </Guard>
      <Guard may="benefits.write">
        <RaiseThem ids={ids} />
      </Guard>
      <Guard may="customers.edit">
        <MergeThem ids={ids} />
      </Guard>
    </>
  );
}

function TagThem({ ids }: { ids: string[] }) {
  const { t } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const tags = useApi("GET /tags", {}, { enabled: can("segments.read") });
  const tag = useAct("POST /tags/{tag_id}/people", OF_MEMBERS, {
    onError: (error) => say.error(errorText(error)),
    onSuccess: (done) => say.success(t("tag.done", { count: done.changed })),
  });
  const byHand = (tags.data ?? []).filter((one) => !one.segment_id);
  if (byHand.length === 0) return null;
  return (
    <Select
      aria-label={t("tag.add_here")}
      placeholder={t("tag.add_here")}
      value={null}
      style={{ minWidth: 140 }}
      options={byHand.map((one) => ({ value: one.tag_id, label: one.name }))}
      optionFilterProp="label"
      showSearch
      onChange={(id: string) =>
        tag.mutate({ path: { tag_id: id }, body: { add: true, customer_ids: ids } })
      }
    />
  );
}

function RaiseThem({ ids }: { ids: string[] }) {
  const { t } = useTranslation();
  const tiers = useApi("GET /tiers");
  const [giving, setGiving] = useState<Tier | null>(null);
  const all = tiers.data ?? [];
  if (all.length === 0) return null;
  return (
    <>
      <Select
        aria-label={t("tier.give")}
        placeholder={t("tier.give")}
        value={null}
        style={{ minWidth: 140 }}
        options={all.map((one) => ({ value: one.tier_id, label: one.name }))}
        onChange={(id: string) => setGiving(all.find((one) => one.tier_id === id) ?? null)}
      />
      {giving && <Give tier={giving} customers={ids} close={() => setGiving(null)} />}
    </>
  );
}

function MergeThem({ ids }: { ids: string[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [into, from] = ids;
  return (
    <>
      <Button
        disabled={ids.length !== 2}
        title={t("customer.merge_two")}
        onClick={() =>
          into &&
          from &&
          void navigate({
            to: "/customers/$customerId",
            params: { customerId: into },
            search: { merge: from },
          })
        }
      >
        {t("customer.merge")}
      </Button>
      <span className="soft">{t("customer.merge_two")}</span>
    </>
  );
}
