import { useNavigate } from "@tanstack/react-router";
import { Modal } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../api/hooks";
import { useLook } from "../look";
import { useMoney } from "../part/value";
import { useCan } from "../session";
import { GROUPS } from "./menu";

interface Option {
  id: string;
  group: string;
  text: string;
  aside?: string;
  go: () => void;
}

/** Shorter texts are no whole name, number or address. */
const LOOKUP_FROM = 2;
const SHOWN = 5;

export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const options = useOptions(text.trim());
  const chosen = Math.min(at, options.length - 1);
  const run = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.go();
  };
  const press = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((chosen + step + options.length) % Math.max(options.length, 1));
    }
    if (event.key === "Enter" && !event.nativeEvent.isComposing) run(options[chosen]);
  };
  const active = options[chosen];
  return (
    <Modal
      open
      footer={null}
      closable={false}
      onCancel={onClose}
      width={600}
      title={<span className="unseen">{t("palette.title")}</span>}
      styles={{ container: { padding: 0 }, header: { margin: 0, height: 0 } }}
      style={{ top: 96 }}
    >
      <div className="palette-input">
        <input
          autoFocus
          value={text}
          onKeyDown={press}
          placeholder={t("palette.hint")}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-label={t("palette.hint")}
          aria-activedescendant={active?.id}
          autoComplete="off"
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
        />
      </div>
      <div
        className="palette-list"
        id="palette-list"
        role="listbox"
        aria-label={t("palette.title")}
      >
        {options.map((option, index) => (
          <div key={option.id}>
            {options[index - 1]?.group !== option.group && (
              <div className="group" role="presentation">
                {t(`palette.${option.group}`)}
              </div>
            )}
            <div
              id={option.id}
              role="option"
              aria-selected={index === chosen}
              className="palette-option"
              onMouseEnter={() => setAt(index)}
              onClick={() => run(option)}
            >
              <span className="clip">{option.text}</span>
              {option.aside && <span className="soft nowrap">{option.aside}</span>}
            </div>
          </div>
        ))}
      </div>
      {options.length === 0 && (
        <p className="soft" style={{ padding: "0 16px 16px" }}>
          {t("palette.none", { text })}
        </p>
      )}
    </Modal>
  );
}

function useOptions(text: string): Option[] {
  const fixed = [...usePages(), ...useActions()];
  const found = useFound(text);
  const lower = text.toLowerCase();
  const matching = fixed.filter((option) => option.text.toLowerCase().includes(lower));
  return [...matching, ...found];
}

function usePages(): Option[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  const pages = GROUPS.flatMap((group) => group.pages);
  return pages
    .filter((page) => page.may === null || can(page.may))
    .map((page) => ({
      id: `page-${page.name}`,
      group: "pages",
      text: t(`nav.${page.name}`),
      go: () => void navigate({ to: page.to }),
    }));
}

function useActions(): Option[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  const { mode, setWish, lang, setLang } = useLook();
  const action = (name: string, go: () => void): Option => ({
    id: `action-${name}`,
    group: "actions",
    text: t(`palette.action.${name}`),
    go,
  });
  const all = [
    can("imports.write") && action("import", () => void navigate({ to: "/imports/new" })),
    can("rfm.edit") &&
      action("thresholds", () => void navigate({ to: "/rfm", search: { edit: "1" } })),
    can("sources.write") &&
      action("key", () => void navigate({ to: "/sources", search: { new: "1" } })),
    can("staff.write") &&
      action(
        "invite",
        () => void navigate({ to: "/settings", search: { tab: "people", new: "1" } }),
      ),
    action("theme", () => setWish(mode === "dark" ? "light" : "dark")),
    action("language", () => setLang(lang === "zh" ? "en" : "zh")),
  ];
  return all.filter((one) => one !== false);
}

/** People and orders whose name, number or address is the text. */
function useFound(text: string): Option[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  const money = useMoney();
  const q = useDeferredValue(text);
  const query = { q, limit: SHOWN };
  const enabled = q.length >= LOOKUP_FROM;
  const people = useApi(
    "GET /customers",
    { query },
    { enabled: enabled && can("customers.read"), keep: true },
  );
  const orders = useApi(
    "GET /orders",
    { query },
    { enabled: enabled && can("orders.read"), keep: true },
  );
  if (!enabled) return [];
  const persons = (people.data?.data ?? []).map((one) => ({
    id: `person-${one.customer_id}`,
    group: "people",
    text: one.external_id ?? `#${one.customer_id}`,
    aside: [one.stratum ? t(`stratum.${one.stratum}`) : "", money.round(one.net_minor)]
      .filter(Boolean)
      .join(" · "),
    go: () =>
      void navigate({
        to: "/customers/$customerId",
        params: { customerId: one.customer_id },
      }),
  }));
  const sales = (orders.data?.data ?? []).map((one) => ({
    id: `order-${one.order_id}`,
    group: "orders",
    text: one.external_id,
    aside: `${t(`order.status.${one.status}`)} · ${money.round(one.paid_minor)}`,
    go: () => void navigate({ to: "/orders/$orderId", params: { orderId: one.order_id } }),
  }));
  return [...persons, ...sales];
}
