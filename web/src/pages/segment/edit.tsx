import { useNavigate, useParams } from "@tanstack/react-router";
import { Button, Checkbox, Input } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleGroupType } from "react-querybuilder";
import { prepareRuleGroup } from "react-querybuilder";
import type { Segment, SegmentWhole, Words } from "../../api/shape";
import { useAct, useApi } from "../../api/hooks";
import { count, share, span } from "../../format";
import { useLater } from "../../part/later";
import { Page, Section } from "../../part/page";
import { say } from "../../part/say";
import { Asked, BlockSkeleton, ErrorBox, useErrorText } from "../../part/state";
import { Money, useMoney } from "../../part/value";
import { customerTitle } from "../customer/columns";
import { Builder } from "./builder";
import { Phrase } from "./phrase";
import { sentence } from "./sentence";
import { WhyDrawer } from "./why";
import { finished, opened, saysNothing } from "./words";
import { useNames } from "./rosters";

const PREVIEW_AFTER_MS = 250;
const NOTHING: RuleGroupType = { combinator: "and", rules: [] };

/** A new segment. */
export function NewSegment() {
  const { t } = useTranslation();
  return (
    <Page title={t("segment.new")} lead={t("segment.new_lead")}>
      <WithWords>{(words, segments) => <Form words={words} segments={segments} />}</WithWords>
    </Page>
  );
}

/** A segment's conditions. */
export function EditSegment() {
  const { t } = useTranslation();
  const { segmentId } = useParams({ strict: false });
  const path = { segment_id: segmentId ?? "" };
  const one = useApi("GET /segments/{segment_id}", { path });
  return (
    <Page title={one.data?.name ?? t("segment.one")} lead={t("segment.edit_lead")}>
      <Asked query={one} what={t("segment.one")} skeleton={<BlockSkeleton height={320} />}>
        {(segment) => (
          <WithWords>
            {(words, segments) => <Form words={words} segments={segments} before={segment} />}
          </WithWords>
        )}
      </Asked>
    </Page>
  );
}

function WithWords(props: { children: (words: Words, segments: Segment[]) => React.ReactNode }) {
  const { t } = useTranslation();
  const words = useApi("GET /segments/fields");
  const segments = useApi("GET /segments");
  return (
    <Asked query={words} what={t("segment.what")} skeleton={<BlockSkeleton height={320} />}>
      {(data) => (
        <Asked query={segments} what={t("segment.what")} skeleton={<BlockSkeleton height={320} />}>
          {(all) => props.children(data, all)}
        </Asked>
      )}
    </Asked>
  );
}

interface FormProps {
  words: Words;
  segments: Segment[];
  before?: SegmentWhole;
}

function Form({ words, segments, before }: FormProps) {
  const { t } = useTranslation();
  const money = useMoney();
  const [name, setName] = useState(before?.name ?? "");
  const [note, setNote] = useState(before?.note ?? "");
  const [frozen, setFrozen] = useState(false);
  const start = (before?.expr as RuleGroupType | null | undefined) ?? NOTHING;
  const [query, setQuery] = useState<RuleGroupType>(() => opened(start));
  // The builder keeps what it was given first: it begins anew with conditions from elsewhere.
  const [taken, setTaken] = useState(0);
  const take = (next: RuleGroupType) => {
    setQuery(prepareRuleGroup(opened(next)));
    setTaken(taken + 1);
  };
  const { expr, open } = useMemo(() => finished(query), [query]);
  const named = useNames();
  const said = sentence(expr, { t, money: money.full, segments, named });
  const save = useSave({ name, note, frozen, expr, before });
  const ready = name.trim().length > 0 && !saysNothing(expr) && open === 0;
  return (
    <div className="segment-two">
      <div className="stack wide">
        <label className="stack">
          <span>{t("segment.name")}</span>
          <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
        </label>
        <Phrase take={take} />
        <div>
          <p className="strong">{t("segment.conditions")}</p>
          <Builder key={taken} {...{ words, segments, query }} change={setQuery} />
        </div>
        <div className="segment-sentence" aria-live="polite">
          {said}
          {open > 0 && <p className="soft small">{t("segment.unfinished", { count: open })}</p>}
        </div>
        <label className="stack">
          <span>{t("segment.note")}</span>
          <Input.TextArea
            value={note}
            rows={2}
            maxLength={1000}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {!before && (
          <Checkbox checked={frozen} onChange={(event) => setFrozen(event.target.checked)}>
            {t("segment.frozen")}
          </Checkbox>
        )}
        <div className="row">
          {before ? (
            <Button type="primary" disabled={!ready} loading={save.busy} onClick={save.change}>
              {t("act.save")}
            </Button>
          ) : (
            <>
              <Button
                type="primary"
                disabled={!ready}
                loading={save.busy}
                onClick={() => save.make(true)}
              >
                {t("segment.save_active")}
              </Button>
              <Button disabled={!ready} onClick={() => save.make(false)}>
                {t("segment.save_draft")}
              </Button>
            </>
          )}
        </div>
      </div>
      <Size expr={expr} segments={segments} />
    </div>
  );
}

interface SaveProps {
  name: string;
  note: string;
  frozen: boolean;
  expr: RuleGroupType;
  before: SegmentWhole | undefined;
}

function useSave({ name, note, frozen, expr, before }: SaveProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const onError = (error: Error) => say.error(errorText(error));
  const done = (one: { segment_id: string }) => {
    say.success(t("act.saved"));
    void navigate({ to: "/segments/$segmentId", params: { segmentId: one.segment_id } });
  };
  const make = useAct("POST /segments", ["GET /segments"], { onSuccess: done, onError });
  const edit = useAct(
    "PATCH /segments/{segment_id}",
    ["GET /segments", "GET /segments/{segment_id}"],
    { onSuccess: done, onError },
  );
  return {
    busy: make.isPending || edit.isPending,
    make: (active: boolean) =>
      make.mutate({ body: { name, note, frozen, active, expr: expr as never } }),
    change: () =>
      before &&
      edit.mutate({
        path: { segment_id: before.segment_id },
        body: { name, note, expr: expr as never, version: before.version },
      }),
  };
}

/** How many are meant, and ten of them, while somebody writes. */
function Size({ expr, segments }: { expr: RuleGroupType; segments: Segment[] }) {
  const { t } = useTranslation();
  const asked = useLater(expr, PREVIEW_AFTER_MS);
  const [why, setWhy] = useState<string | null>(null);
  const beside = segments
    .filter((one) => one.state === "active" && one.size !== null && !one.private)
    .slice(0, 5);
  const preview = useApi(
    "POST /segments/preview",
    { body: { expr: asked as never, beside: beside.map((one) => one.segment_id) } },
    { keep: true },
  );
  const told = preview.data;
  return (
    <aside className="segment-size" aria-live="polite" aria-label={t("segment.size")}>
      <p className="soft small">{t("segment.size_now")}</p>
      {preview.error && !told && <ErrorBox error={preview.error} />}
      {told && (
        <>
          <p className="big">
            {told.count === null
              ? t("segment.not_told")
              : t("segment.people", { count: told.count })}
          </p>
          {told.count !== null && (
            <p className="soft small">
              {t("segment.of_all", {
                share: share(told.customers ? told.count / told.customers : 0),
                time: span(told.elapsed_ms),
              })}
            </p>
          )}
          {told.private && <p className="soft small">{t("segment.private_why")}</p>}
          {preview.error && <ErrorBox error={preview.error} />}
          {beside.length > 0 && (told.count ?? 0) > 0 && !told.private && (
            <Section title={t("segment.beside")}>
              <ul className="plain-list">
                {beside.map((one, at) => (
                  <li key={one.segment_id} className="row apart">
                    <span className="clip">{one.name}</span>
                    <span className="nowrap">{count(told.beside[at] ?? 0)}</span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {!told.private && (
            <Section title={t("segment.examples")}>
              <ul className="plain-list">
                {told.examples.map((one) => (
                  <li key={one.customer_id} className="row apart">
                    <Button type="link" size="small" onClick={() => setWhy(one.customer_id)}>
                      {customerTitle(one)}
                    </Button>
                    <span className="nowrap small">
                      <Money minor={one.net_minor} />
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
        </>
      )}
      <WhyDrawer
        customer={why}
        expr={asked}
        segments={segments}
        close={() => setWhy(null)}
        aside={told?.examples.find((one) => one.customer_id === why)}
      />
    </aside>
  );
}
