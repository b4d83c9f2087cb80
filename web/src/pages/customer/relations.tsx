import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CustomerRelations, Related } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count } from "../../format";
import { useMoney } from "../../part/value";

/** People who are named of each kind. */
const SHOWN = 5;

/** Who is around somebody: introduced, living together, given gifts. */
export function Relations({ id }: { id: string }) {
  const { t } = useTranslation();
  const own = useApi("GET /customers/{customer_id}/relations", { path: { customer_id: id } });
  if (!own.data) return null;
  const { steps, gift_receivers: receivers, cut } = own.data;
  const near = steps.find((one) => one.step === 1);
  const empty = !near?.people && receivers === 0;
  return (
    <section aria-label={t("relation.title")} className="card-part">
      <h2>{t("relation.title")}</h2>
      {empty ? <p className="soft">{t("relation.none")}</p> : <Kinds of={own.data} />}
      <Far of={own.data} />
      {cut && <p className="soft small">{t("relation.cut")}</p>}
    </section>
  );
}

/** Those one step away, by what they are. */
function Kinds({ of }: { of: CustomerRelations }) {
  const { t } = useTranslation();
  const money = useMoney();
  const near = of.steps.find((one) => one.step === 1);
  const unknown = of.gift_strangers;
  return (
    <dl className="facts">
      {near?.kinds.map((sum) => (
        <div key={sum.kind} style={{ display: "contents" }}>
          <dt>{t(`relation.kind.${sum.kind}`)}</dt>
          <dd>
            <Names of={of.people.filter((one) => one.step === 1 && one.kind === sum.kind)} />
            <div className="soft small">
              {t("relation.sum", {
                count: sum.people,
                people: count(sum.people),
                money: money.round(sum.net_minor),
              })}
            </div>
          </dd>
        </div>
      ))}
      {unknown > 0 && (
        <>
          <dt>{t("relation.others")}</dt>
          <dd>{t("relation.people", { count: unknown, people: count(unknown) })}</dd>
        </>
      )}
    </dl>
  );
}

function Names({ of }: { of: Related[] }) {
  const { t } = useTranslation();
  return (
    <>
      {of.slice(0, SHOWN).map((one, place) => (
        <span key={one.customer_id}>
          {place > 0 && t("relation.comma")}
          <Link to="/customers/$customerId" params={{ customerId: one.customer_id }}>
            {one.external_id ?? one.customer_id}
          </Link>
        </span>
      ))}
      {of.length > SHOWN && ` ${t("relation.more", { people: count(of.length - SHOWN) })}`}
    </>
  );
}

/** Those two steps away, all together. */
function Far({ of }: { of: CustomerRelations }) {
  const { t } = useTranslation();
  const money = useMoney();
  const far = of.steps.find((one) => one.step === 2);
  if (!far?.people) return null;
  return (
    <p className="small card-part">
      {t("relation.far", {
        count: far.people,
        people: count(far.people),
        money: money.round(far.net_minor),
      })}
    </p>
  );
}
