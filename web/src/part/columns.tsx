import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { recall, remember } from "../memory";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** The server's name of what it sorts by. */
  sort?: string | undefined;
  /** Highest first at the first click. */
  high?: boolean;
  right?: boolean;
  width?: number;
  wide?: boolean;
  /** Not shown until somebody chooses it. */
  off?: boolean;
}

/** Which columns somebody wants to see of a list, remembered in this browser. */
export function useColumns<T>(list: string, all: Column<T>[]) {
  const name = `columns.${list}`;
  const standard = all.filter((column) => !column.off).map((column) => column.key);
  const [keys, setKeys] = useState<string[]>(() => recall(name)?.split(",") ?? standard);
  const set = (next: string[]) => {
    remember(name, next.join(","));
    setKeys(next);
  };
  const shown = all.filter((column, at) => at === 0 || keys.includes(column.key));
  return { shown, keys, set, reset: () => set(standard) };
}

interface ChooserProps<T> {
  all: Column<T>[];
  keys: string[];
  set: (keys: string[]) => void;
  reset: () => void;
}

export function ColumnChooser<T>({ all, keys, set, reset }: ChooserProps<T>) {
  const { t } = useTranslation();
  const options = all.slice(1).map((column) => ({ value: column.key, label: column.title }));
  const content = (
    <div className="stack" style={{ maxHeight: 400, overflowY: "auto", minWidth: 160 }}>
      <Checkbox.Group
        value={keys}
        onChange={(next) => set(next.map(String))}
        className="stack"
        options={options}
      />
      <Button size="small" onClick={reset}>
        {t("list.columns_default")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={content}>
      <Button
        icon={<SettingOutlined aria-hidden />}
        aria-label={t("list.columns")}
        title={t("list.columns")}
        aria-haspopup="dialog"
      />
    </Popover>
  );
}
