import { say } from "../../part/say";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct, useApi } from "../../api/hooks";
import { useActorName } from "../../part/actor";
import { ConfirmAct, Guard } from "../../part/confirm";
import { Asked, RowsSkeleton, useErrorText } from "../../part/state";
import { When } from "../../part/value";

const CHARS_MAX = 2000;

/** What colleagues have written down about somebody. */
export function Notes({ id }: { id: string }) {
  const { t } = useTranslation();
  const actorName = useActorName();
  const path = { customer_id: id };
  const notes = useApi("GET /customers/{customer_id}/notes", { path });
  const remove = useAct("DELETE /customers/{customer_id}/notes/{note_id}", [
    "GET /customers/{customer_id}/notes",
  ]);
  const [gone, setGone] = useState<string | null>(null);
  return (
    <section aria-label={t("notes.title")} className="card-part">
      <h2>{t("notes.title")}</h2>
      <Guard may="customers.edit">
        <NewNote id={id} />
      </Guard>
      <Asked query={notes} what={t("notes.title")} skeleton={<RowsSkeleton rows={2} />}>
        {(data) => (
          <>
            {data.length === 0 && <p className="soft">{t("notes.none")}</p>}
            <ul className="identities">
              {data.map((note) => (
                <li key={note.note_id}>
                  <p className="note-text">{note.text}</p>
                  <div className="row apart small soft">
                    <span>
                      {actorName(note.author)} · <When at={note.at} as="ago" />
                    </span>
                    <Guard may="customers.edit">
                      <Button size="small" type="link" onClick={() => setGone(note.note_id)}>
                        {t("act.delete")}
                      </Button>
                    </Guard>
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </Asked>
      <ConfirmAct
        open={gone !== null}
        title={t("notes.delete")}
        what={t("notes.delete_what")}
        verb={t("notes.delete")}
        danger
        onClose={() => setGone(null)}
        act={() => remove.mutateAsync({ path: { ...path, note_id: gone ?? "" } })}
      />
    </section>
  );
}

function NewNote({ id }: { id: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const add = useAct(
    "POST /customers/{customer_id}/notes",
    ["GET /customers/{customer_id}/notes"],
    {
      onSuccess: () => setText(""),
      onError: (error) => say.error(errorText(error)),
    },
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.mutate({ path: { customer_id: id }, body: { text: text.trim() } });
      }}
    >
      <Input.TextArea
        value={text}
        onChange={(event) => setText(event.target.value)}
        rows={2}
        maxLength={CHARS_MAX}
        placeholder={t("notes.hint")}
        aria-label={t("notes.hint")}
      />
      {text.trim() && (
        <Button htmlType="submit" loading={add.isPending}>
          {t("notes.add")}
        </Button>
      )}
    </form>
  );
}
