import { Input, InputNumber, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "../../api/client";
import type { Coupon } from "../../api/shape";
import { OF_COUPONS, useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { say } from "../../part/say";
import { useErrorText } from "../../part/state";

type Form = Body<"POST /coupons/{coupon_id}/batches">;
const WAYS = ["segment", "codes", "shared"] as const;
/** Codes that are made at once at the most. */
const CODES_MAX = 10_000_000;

/** Hands a coupon out: to everybody in a segment, or as codes for whoever gets them. */
export function Issue({ coupon, close }: { coupon: Coupon; close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [way, setWay] = useState<(typeof WAYS)[number]>("segment");
  const [segment, setSegment] = useState<string | null>(null);
  const [codes, setCodes] = useState<number | null>(1_000);
  const [shared, setShared] = useState("");
  const [reason, setReason] = useState("");
  // One id for one window: whoever presses twice hands out once.
  const [once] = useState(() => crypto.randomUUID());
  const segments = useApi("GET /segments");
  const usable = (segments.data ?? []).filter((one) => one.state === "active");
  const chosen = usable.find((one) => one.segment_id === segment);
  const issue = useAct("POST /coupons/{coupon_id}/batches", OF_COUPONS, {
    onError: (error) => say.error(errorText(error)),
    onSuccess: ({ given, state }) => {
      const done = state === "done" && given !== null;
      say.success(done ? t("coupon.issued", { count: given }) : t("coupon.issuing"));
      close();
    },
  });
  const to = {
    segment: { segment_id: segment },
    codes: { count: codes },
    shared: { shared: shared.trim() },
  }[way];
  const ready = { segment: segment !== null, codes: codes !== null, shared: shared.trim() !== "" };
  const save = () => {
    const body = { ...to, reason } as Form;
    issue.mutate({ path: { coupon_id: coupon.coupon_id }, body, once });
  };
  return (
    <Modal
      open
      title={t("coupon.issue_title", { name: coupon.name })}
      okText={t("coupon.issue")}
      okButtonProps={{ disabled: !ready[way] }}
      confirmLoading={issue.isPending}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <Radio.Group
          value={way}
          aria-label={t("coupon.to")}
          onChange={(event) => setWay(event.target.value as typeof way)}
          options={WAYS.map((own) => ({ value: own, label: t(`coupon.ways.${own}`) }))}
        />
        {way === "segment" && (
          <label className="stack">
            <span>{t("tier.who")}</span>
            <Select
              showSearch
              aria-label={t("tier.who")}
              value={segment}
              optionFilterProp="label"
              options={usable.map((one) => ({
                value: one.segment_id,
                label: one.size === null ? one.name : `${one.name} · ${count(one.size)}`,
              }))}
              onChange={setSegment}
            />
          </label>
        )}
        {way === "segment" && chosen?.private && <p role="status">{t("coupon.private_how")}</p>}
        {way === "codes" && (
          <label className="stack">
            <span>{t("coupon.how_many")}</span>
            <InputNumber min={1} max={CODES_MAX} precision={0} value={codes} onChange={setCodes} />
          </label>
        )}
        {way === "shared" && (
          <label className="stack">
            <span>{t("coupon.shared_code")}</span>
            <Input
              value={shared}
              maxLength={40}
              placeholder="SPRING26"
              onChange={(event) => setShared(event.target.value)}
            />
          </label>
        )}
        <label className="stack">
          <span>{t("coupon.reason")}</span>
          <Input
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
      </div>
    </Modal>
  );
}
