import { Button, Drawer, Table } from "antd";
import type { TableProps } from "antd";
import type { ReactNode } from "react";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpName } from "../api/client";
import { tookOf } from "../api/client";
import type { Page as PageOf } from "../api/shape";
import { useApi } from "../api/hooks";
import { span } from "../format";
import type { Search } from "../url";
import { filtersOf, readSort, useUrl, writeSort } from "../url";
import type { Column } from "./columns";
import { ColumnChooser, useColumns } from "./columns";
import type { Filter } from "./filter";
import { FilterBar, keysOf } from "./filter";
import { Page } from "./page";
import { Empty, ErrorBox, RowsSkeleton } from "./state";

const ROWS = 50;

export interface ListPageProps<T> {
  /** The noun: names what is remembered of the list. */
  list: string;
  title: string;
  lead: ReactNode;
  /** What the rows are, in a sentence: "customers". */
  what: string;
  operation: OpName;
  fixed?: Search;
  filters: Filter[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
  actions?: ReactNode;
  /** More tools beside the filters. */
  tools?: ReactNode;
  look?: (row: T) => { title: ReactNode; body: ReactNode; open?: ReactNode };
  bulk?: (rows: T[], clear: () => void) => ReactNode;
  empty: { title: string; why: ReactNode; action?: ReactNode };
  sort?: string;
}

/** A list of things: found, sorted and paged by the server, its state in the address. */
export function ListPage<T extends object>(props: ListPageProps<T>) {
  const { list, title, lead, filters, actions, columns } = props;
  const [search, change] = useUrl();
  const chosen = useColumns(list, columns);
  const refilter = (next: Search) => change({ ...next, after: undefined });
  return (
    <Page title={title} lead={lead} actions={actions}>
      <FilterBar filters={filters} search={search} change={refilter}>
        {props.tools}
        <ColumnChooser all={columns} keys={chosen.keys} set={chosen.set} reset={chosen.reset} />
      </FilterBar>
      <List {...props} columns={chosen.shown} search={search} change={change} />
    </Page>
  );
}

interface ListProps<T> extends ListPageProps<T> {
  search: Search;
  change: (next: Search) => void;
}

function List<T extends object>(props: ListProps<T>) {
  const { operation, filters, fixed, search, change, columns, rowKey, what, empty } = props;
  const { t } = useTranslation();
  const filterKeys = filters.flatMap(keysOf);
  const asked = filtersOf(search, filterKeys);
  const sort = search.sort ?? props.sort;
  const query = { ...fixed, ...asked, sort, after: search.after, limit: ROWS };
  const answer = useApi(operation, { query }, { keep: true });
  const page = answer.data as unknown as PageOf<T> | undefined;
  const [selected, setSelected] = useState<T[]>([]);
  const [looked, setLooked] = useState<T | null>(null);
  const pager = usePager(JSON.stringify([asked, sort]), search.after, change);

  if (answer.error && !page) {
    return <ErrorBox error={answer.error} what={what} again={() => void answer.refetch()} />;
  }
  if (!page) return <RowsSkeleton rows={12} />;
  const filtered = Object.keys(asked).length > 0;
  if (page.data.length === 0 && !filtered && !search.after) return <Empty {...empty} />;
  const clearAll = () =>
    change({
      ...Object.fromEntries(filterKeys.map((key) => [key, undefined])),
      after: undefined,
    });
  const none = (
    <Empty
      title={t("list.no_match", { what })}
      why={t("list.no_match_why")}
      action={<Button onClick={clearAll}>{t("list.clear")}</Button>}
    />
  );
  const look = looked && props.look?.(looked);
  return (
    <>
      {selected.length > 0 && props.bulk && (
        <div
          className="bulk-bar"
          role="region"
          aria-live="polite"
          aria-label={t("list.selected", { count: selected.length })}
        >
          <span>{t("list.selected", { count: selected.length })}</span>
          {props.bulk(selected, () => setSelected([]))}
          <div className="grow" />
          <Button type="link" onClick={() => setSelected([])}>
            {t("list.unselect")}
          </Button>
        </div>
      )}
      <Rows
        {...{ columns, rowKey, what, sort, none }}
        rows={page.data}
        busy={answer.isPlaceholderData}
        resort={(next) => change({ sort: next, after: undefined })}
        select={props.bulk ? { rows: selected, set: setSelected } : undefined}
        open={props.look ? setLooked : undefined}
      />
      <Foot
        page={page}
        from={pager.from}
        previous={pager.previous}
        next={page.next ? () => pager.forward(page.next as string, page.data.length) : undefined}
      />
      <Drawer
        open={Boolean(look)}
        size={480}
        title={look?.title}
        onClose={() => setLooked(null)}
        extra={look?.open}
        destroyOnHidden
        aria-label={t("list.look")}
      >
        {look?.body}
      </Drawer>
    </>
  );
}

/** Where the reader is; cursors only lead forward, so the way back is remembered. */
function usePager(of: string, after: string | undefined, change: (next: Search) => void) {
  const past = useRef<{ of: string; way: { after?: string; from: number }[] }>({ of, way: [] });
  const from = useRef(1);
  if (past.current.of !== of) past.current = { of, way: [] };
  if (!after) from.current = 1;
  const forward = (next: string, rows: number) => {
    past.current.way.push({ after, from: from.current } as { after?: string; from: number });
    from.current += rows;
    change({ after: next });
  };
  const back = () => {
    const last = past.current.way.pop();
    from.current = last?.from ?? 1;
    change({ after: last?.after });
  };
  const known = !after || past.current.way.length > 0;
  return { from: known ? from.current : null, forward, previous: after ? back : undefined };
}

interface FootProps {
  page: PageOf<unknown>;
  from: number | null;
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
}

function Foot({ page, from, previous, next }: FootProps) {
  const { t } = useTranslation();
  const to = (from ?? 0) + page.data.length - 1;
  const took = tookOf(page);
  const said = [
    page.total != null && t("list.total", { count: page.total }),
    from && page.data.length > 0 && t("list.shown", { from, to }),
    took !== null && t("list.took", { time: span(took) }),
  ].filter(Boolean);
  return (
    <div className="list-foot">
      <span aria-live="polite">{said.join(" · ")}</span>
      <div className="row">
        {(previous || next) && (
          <>
            <Button disabled={!previous} onClick={previous}>
              {from ? t("list.previous") : t("list.first")}
            </Button>
            <Button disabled={!next} onClick={next}>
              {t("list.next")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

interface RowsProps<T> {
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  what: string;
  sort: string | undefined;
  resort: (sort: string | undefined) => void;
  busy: boolean;
  none: ReactNode;
  select: { rows: T[]; set: (rows: T[]) => void } | undefined;
  open: ((row: T) => void) | undefined;
}

function Rows<T extends object>(props: RowsProps<T>) {
  const { columns, rows, rowKey, what, sort, resort, busy, none, select, open } = props;
  const { t } = useTranslation();
  const sorted = readSort(sort);
  const shaped = useMemo<TableProps<T>["columns"]>(
    () =>
      columns.map((column) => ({
        key: column.key,
        title: column.title,
        align: column.right ? "right" : "left",
        className: column.wide ? "wide" : "",
        ...(column.width ? { width: column.width } : {}),
        ...(column.sort
          ? {
              sorter: true,
              sortDirections: column.high === false ? ["ascend", "descend"] : ["descend", "ascend"],
              sortOrder: sorted?.field === column.sort ? sorted.order : null,
            }
          : {}),
        render: (_: unknown, row: T) => column.render(row),
      })),
    [columns, sorted?.field, sorted?.order],
  );
  const onChange: TableProps<T>["onChange"] = (_page, _filters, sorter, extra) => {
    if (extra.action !== "sort" || Array.isArray(sorter)) return;
    const column = columns.find((one) => one.key === sorter.columnKey);
    if (column?.sort) resort(writeSort(column.sort, sorter.order));
  };
  const rowSelection: TableProps<T>["rowSelection"] = select && {
    selectedRowKeys: select.rows.map(rowKey),
    onChange: (_keys, chosen) => select.set(chosen),
    preserveSelectedRowKeys: true,
    getTitleCheckboxProps: () => ({ "aria-label": t("list.select_all") }),
    getCheckboxProps: () => ({ "aria-label": t("list.select_row") }) as object,
    columnWidth: 40,
  };
  return (
    <Table<T>
      className="list-table"
      size="middle"
      columns={shaped ?? []}
      dataSource={rows}
      rowKey={rowKey}
      pagination={false}
      sticky={{ offsetHeader: 48 }}
      scroll={{ x: "max-content" }}
      onChange={onChange}
      showSorterTooltip={false}
      locale={{ emptyText: none }}
      {...(rowSelection ? { rowSelection } : {})}
      style={{ opacity: busy ? 0.6 : 1 }}
      aria-label={t("list.table", { what })}
      onRow={(row) =>
        open
          ? {
              tabIndex: 0,
              onClick: (event) => {
                if (!(event.target as Element).closest("a, button, input, label")) open(row);
              },
              onKeyDown: (event) => moveOrOpen(event, () => open(row)),
            }
          : {}
      }
    />
  );
}

function moveOrOpen(event: React.KeyboardEvent<HTMLElement>, open: () => void) {
  const row = event.currentTarget;
  if (event.target !== row) return;
  if (event.key === "Enter") return open();
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[
    event.key
  ];
  if (!(next instanceof HTMLElement) || next.tabIndex < 0) return;
  event.preventDefault();
  next.focus();
}
