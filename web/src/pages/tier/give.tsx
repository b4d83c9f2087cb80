import { DatePicker, Input, Modal, Radio, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/shape";
import { OF_MEMBERS, useAct, useApi } from "../../api/hooks";
import { count, day } from "../../format";
import { useShop } from "../../session";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";

interface GiveProps {
  tier: Tier;
  /** These customers; a segment is asked for without. */
  customers?: string[];
  close: () => void;
}

/** Gives a level to everybody in a segment, or to some customers, and says first what that does. */
export function Give({ tier, customers, close }: GiveProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { time_zone: zone } = useShop();
  const [segment, setSegment] = useState<string | null>(null);
  const [exact, setExact] = useState(false);
  const [reason, setReason] = useState("");
  const [lastDay, setLastDay] = useState<string | null>(null);
  const segments = useApi("GET /segments", {}, { enabled: !customers });
  const path = { tier_id: tier.tier_id };
  const whom = customers ? { customer_ids: customers } : { segment_id: segment };
  const meant = Boolean(customers ?? segment);
  const told = useApi(
    "POST /tiers/{tier_id}/people",
    { path, body: { ...whom, exact, preview: true } },
    { enabled: meant, staleTime: 0 },
  );
  const give = useAct("POST /tiers/{tier_id}/people", OF_MEMBERS, {
    onError: (error) => say.error(errorText(error)),
    onSuccess: ({ up, down }) => {
      say.success(t("tier.done", { up, down }));
      close();
    },
  });
  const usable = (segments.data ?? []).filter((one) => one.size !== null && !one.private);
  return (
    <Modal
      open
      title={t("tier.give_title", { name: tier.name })}
      okText={t("tier.give")}
      okButtonProps={{ disabled: !meant || !reason.trim() }}
      confirmLoading={give.isPending}
      cancelText={t("act.cancel")}
      onOk={() => give.mutate({ path, body: { ...whom, exact, reason, last_day: lastDay } })}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        {!customers && (
          <label className="stack">
            <span>{t("tier.who")}</span>
            <Select
              aria-label={t("tier.who")}
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
        )}
        <Radio.Group
          value={exact}
          aria-label={t("tier.how")}
          onChange={(event) => setExact(Boolean(event.target.value))}
          options={[
            { value: false, label: t("tier.least") },
            { value: true, label: t("tier.exact") },
          ]}
        />
        <label className="stack">
          <span>{t("tier.last_day")}</span>
          <DatePicker
            aria-label={t("tier.last_day")}
            value={lastDay ? dayjs(lastDay) : null}
            minDate={dayjs(day(new Date(), zone))}
            placeholder={t("tier.for_ever")}
            onChange={(last) => setLastDay(last ? last.format("YYYY-MM-DD") : null)}
          />
        </label>
        <label className="stack">
          <span>{t("tier.reason")}</span>
          <Input
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
          <span className="soft small">{t("tier.reason_how")}</span>
        </label>
        {meant && told.data && <p role="status">{t("tier.foreseen", { ...told.data })}</p>}
        {meant && told.error && <p role="alert">{errorText(told.error)}</p>}
      </div>
    </Modal>
  );
}
