import { Button, Drawer } from "antd";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Input, OpName } from "../api/client";
import { useApi } from "../api/hooks";
import type { Page as PageOf } from "../api/shape";
import { Asked, RowsSkeleton } from "./state";

interface PeopleProps<K extends OpName, T> {
  title: string;
  /** What the rows are, in a sentence. */
  what: string;
  operation: K;
  input: Input<K>;
  rowKey: (row: T) => string;
  row: (row: T) => ReactNode;
  close: () => void;
}

/** Everybody of an answer that comes in pages, beside the page that names some. */
export function PeopleDrawer<K extends OpName, T>(props: PeopleProps<K, T>) {
  const { title, what, operation, input, rowKey, row, close } = props;
  const { t } = useTranslation();
  const [before, setBefore] = useState<(string | undefined)[]>([]);
  const [after, setAfter] = useState<string>();
  const query = { ...(input as { query?: object }).query, limit: 50, after };
  const page = useApi(operation, { ...input, query } as Input<K>, { keep: true });
  const turn = (next: string | undefined, past: (string | undefined)[]) => {
    setBefore(past);
    setAfter(next);
  };
  return (
    <Drawer open onClose={close} size={560} title={title}>
      <Asked query={page} what={what} skeleton={<RowsSkeleton rows={8} />}>
        {(answer) => {
          const { data, next } = answer as unknown as PageOf<T>;
          return (
            <>
              <ul className="stack">
                {data.map((one) => (
                  <li key={rowKey(one)}>{row(one)}</li>
                ))}
              </ul>
              {(before.length > 0 || next) && (
                <div className="row">
                  <Button
                    disabled={before.length === 0}
                    onClick={() => turn(before.at(-1), before.slice(0, -1))}
                  >
                    {t("list.previous")}
                  </Button>
                  <Button
                    disabled={!next}
                    onClick={() => turn(next ?? undefined, [...before, after])}
                  >
                    {t("list.next")}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Asked>
    </Drawer>
  );
}
