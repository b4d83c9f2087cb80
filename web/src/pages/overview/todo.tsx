import { useTranslation } from "react-i18next";
import type { Todo } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, day, shiftDay } from "../../format";
import { Go } from "../../part/go";
import { Asked, Empty, RowsSkeleton } from "../../part/state";
import { useMoney } from "../../part/value";
import { stringifySearch } from "../../search";
import { useShop } from "../../session";

/** Who bought once is asked back until so many days after that. */
const ONCE_DAYS_MAX = 90;

/** Where those that a rule found are. */
function placeOf(todo: Todo, today: string): string | null {
  const ago = (days: number) => shiftDay(today, -days);
  if (todo.kind === "rescue") {
    const search = { stratum: "key_rescue", last_paid_to: ago(todo.days) };
    return `/customers${stringifySearch(search)}`;
  }
  if (todo.kind === "once") {
    const search = {
      paid_orders_min: 1,
      paid_orders_max: 1,
      last_paid_from: ago(ONCE_DAYS_MAX),
      last_paid_to: ago(todo.days),
    };
    return `/customers${stringifySearch(search)}`;
  }
  if (todo.kind === "unpaid") {
    const search = { kind: "order", status: "placed", placed_from: ago(todo.days) };
    return `/orders${stringifySearch(search)}`;
  }
  return null;
}

/** What is worth doing today, the most worth first. */
export function TodoList() {
  const { t } = useTranslation();
  const { time_zone: zone } = useShop();
  const todo = useApi("GET /todo");
  const today = day(new Date(), zone);
  return (
    <Asked query={todo} what={t("overview.todo")} skeleton={<RowsSkeleton rows={3} />}>
      {(data) => {
        const known = data.filter((one) => one.count > 0 && placeOf(one, today) !== null);
        if (known.length === 0) {
          return <Empty title={t("overview.todo_none")} why={t("overview.todo_none_why")} />;
        }
        return (
          <ol className="todo">
            {known.map((one) => (
              <Line key={one.kind} todo={one} to={placeOf(one, today) ?? "/"} />
            ))}
          </ol>
        );
      }}
    </Asked>
  );
}

function Line({ todo, to }: { todo: Todo; to: string }) {
  const { t } = useTranslation();
  const money = useMoney();
  const values = {
    count: todo.count,
    people: count(todo.count),
    days: todo.days,
    money: money.short(todo.net_minor ?? 0),
  };
  return (
    <li>
      <div className="grow">
        <p className="strong">{t(`todo.${todo.kind}`, values)}</p>
        <p className="soft">{t(`todo.${todo.kind}_why`, values)}</p>
      </div>
      <Go to={to} button>
        {t(`todo.${todo.kind}_do`, values)}
      </Go>
    </li>
  );
}
