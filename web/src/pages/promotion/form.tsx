import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { day, shiftDay } from "../../format";
import { useSaved } from "../../part/form";
import { SpanFields } from "../../part/span";
import { instantOf } from "../../part/zone";
import { useShop } from "../../session";
import { EffectFields } from "../offer/effect";
import { LimitFields, NameFields } from "../offer/named";
import { useOfferText } from "../offer/say";
import { ScopeFields } from "../offer/scope";
import { OF_PROMOTIONS, useAct } from "../../api/hooks";
import type { Promotion } from "../../api/shape";
import type { Draft } from "./terms";
import { begun, draftOf, formOf, isWhole, KINDS, termsOf } from "./terms";

interface PromotionFormProps {
  /** The promotion to be changed; a new one without. */
  before: Promotion | null;
  close: () => void;
}

/** What a promotion is to be. */
export function PromotionForm({ before, close }: PromotionFormProps) {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const known = before && draftOf(before);
  const fixed = before !== null && known === null;
  const [draft, setDraft] = useState<Draft>(() => {
    if (known) return known;
    const fresh = begun(instantOf(`${shiftDay(day(new Date(), zone), 1)} 00:00`, zone));
    if (!before) return fresh;
    const { name, note, active, starts_at, ends_at, limits } = before;
    const { stock = null, each = null } = limits;
    return { ...fresh, name, note, active, starts_at, ends_at: ends_at ?? "never", stock, each };
  });
  const put = (part: Partial<Draft>) => setDraft((own) => ({ ...own, ...part }));
  const options = useSaved(close);
  const make = useAct("POST /promotions", OF_PROMOTIONS, options);
  const edit = useAct("PUT /promotions/{promotion_id}", OF_PROMOTIONS, options);
  const whole = isWhole(draft, fixed);
  const save = () => {
    const form = formOf(draft);
    const body = fixed ? { ...form, terms: before.terms } : form;
    if (before) edit.mutate({ path: { promotion_id: before.promotion_id }, body });
    else make.mutate({ body });
  };
  return (
    <Modal
      open
      width={640}
      title={t(before ? "promotion.edit" : "promotion.new")}
      okText={t("act.save")}
      okButtonProps={{ disabled: !whole }}
      confirmLoading={make.isPending || edit.isPending}
      cancelText={t("act.cancel")}
      onOk={save}
      onCancel={close}
      destroyOnHidden
    >
      <div className="stack wide">
        <NameFields draft={draft} put={put} />
        {fixed ? (
          <p className="soft">{t("promotion.fixed")}</p>
        ) : (
          <>
            <EffectFields draft={draft} put={put} kinds={KINDS} />
            <ScopeFields draft={draft} put={put} />
          </>
        )}
        <SpanFields span={draft} put={put} />
        <LimitFields draft={draft} put={put} />
        <span className="soft small">{t("promotion.limit.how")}</span>
        {before && <p className="soft small">{t("promotion.edit_how")}</p>}
        {whole && !fixed && <Said draft={draft} />}
      </div>
    </Modal>
  );
}

/** What it will say, before it is saved. */
function Said({ draft }: { draft: Draft }) {
  const terms = termsOf(formOf(draft));
  const { does, scope } = useOfferText([terms])(terms);
  return (
    <p role="status">
      {does}
      <span className="soft small" style={{ display: "block" }}>
        {scope.join(" · ")}
      </span>
    </p>
  );
}
