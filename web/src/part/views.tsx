import { say } from "./say";
import { StarOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct, useApi } from "../api/hooks";
import { stringifySearch } from "../search";
import type { Search } from "../url";
import { useUrl } from "../url";
import { useErrorText } from "./state";

/** Filters that somebody keeps under a name. */
export function Views({ page }: { page: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      placement="bottomRight"
      destroyOnHidden
      content={<ViewList page={page} close={() => setOpen(false)} />}
    >
      <Button icon={<StarOutlined aria-hidden />} aria-haspopup="dialog">
        {t("views.title")}
      </Button>
    </Popover>
  );
}

function ViewList({ page, close }: { page: string; close: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [search, change] = useUrl();
  const views = useApi("GET /views", { query: { page } });
  const remove = useAct("DELETE /views/{view_id}", ["GET /views"], {
    onError: (error) => say.error(errorText(error)),
  });
  // A search may be for somebody's name or phone: it is not kept.
  const { after: _, q: _q, ...kept } = search;
  const query = stringifySearch(kept).slice(1);
  const show = (text: string) => {
    const cleared = Object.fromEntries(Object.keys(search).map((key) => [key, undefined]));
    change({ ...cleared, ...(Object.fromEntries(new URLSearchParams(text)) as Search) });
    close();
  };
  return (
    <div className="stack wide" style={{ width: 280 }}>
      {views.data?.length === 0 && <p className="soft">{t("views.none")}</p>}
      {(views.data?.length ?? 0) > 0 && (
        <ul className="stack">
          {views.data?.map((view) => (
            <li key={view.view_id} className="row apart">
              <Button
                type="link"
                size="small"
                onClick={() => show(view.query)}
                aria-current={view.query === query ? "true" : undefined}
              >
                {view.name}
                {view.shared ? ` · ${t("views.shared")}` : ""}
              </Button>
              {view.own && (
                <Button
                  type="text"
                  size="small"
                  danger
                  aria-label={t("views.remove", { name: view.name })}
                  onClick={() => remove.mutate({ path: { view_id: view.view_id } })}
                >
                  {t("act.delete")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <SaveView page={page} query={query} />
    </div>
  );
}

function SaveView({ page, query }: { page: string; query: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useAct("POST /views", ["GET /views"], {
    onSuccess: () => setName(""),
    onError: (error) => say.error(errorText(error)),
  });
  if (!query) return <p className="soft small">{t("views.how")}</p>;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate({ body: { page, name: name.trim(), query, shared } });
      }}
    >
      <Input
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={40}
        placeholder={t("views.name")}
        aria-label={t("views.name")}
      />
      <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
        {t("views.share")}
      </Checkbox>
      <Button htmlType="submit" loading={save.isPending} disabled={!name.trim()}>
        {t("views.save")}
      </Button>
    </form>
  );
}
