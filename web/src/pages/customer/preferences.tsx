import { useTranslation } from "react-i18next";
import type { CustomerPreferences, PreferenceLiking } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { useChannel } from "../../part/channel";
import { When } from "../../part/value";
import { Evidence, Marked } from "../preference/marked";

/** Likings that are shown of each kind. */
const SHOWN = 3;
const KINDS = ["categories", "brands", "price_bands", "hours", "channels"] as const;

/** What to say to somebody, and what they like. */
export function Preferences({ id }: { id: string }) {
  const { t } = useTranslation();
  const own = useApi("GET /customers/{customer_id}/preferences", { path: { customer_id: id } });
  if (!own.data) return null;
  const kinds = KINDS.filter((kind) => own.data[kind].length > 0);
  return (
    <>
      <ToSay of={own.data} />
      <section aria-label={t("nav.preferences")} className="card-part">
        <h2>{t("nav.preferences")}</h2>
        {kinds.length === 0 && <p className="soft">{t("preference.none_here")}</p>}
        <dl className="facts">
          {kinds.map((kind) => (
            <Likings key={kind} kind={kind} likings={own.data[kind].slice(0, SHOWN)} />
          ))}
        </dl>
        <Discount of={own.data} />
      </section>
    </>
  );
}

/** The shop's own lines, and beside them what their province likes. */
function ToSay({ of }: { of: CustomerPreferences }) {
  const { t } = useTranslation();
  const likes = of.region?.likes ?? [];
  if (of.lines.length === 0 && likes.length === 0) return null;
  return (
    <section aria-label={t("preference.guidance")} className="card-part">
      <h2>{t("preference.guidance")}</h2>
      {of.lines.map((line) => (
        <p key={`${line.on} ${line.value}`}>{line.text}</p>
      ))}
      {likes.length > 0 && (
        <div className={of.lines.length > 0 ? "soft small" : undefined}>
          <p>{t("preference.region_likes", { province: of.region?.province })}</p>
          <ul>
            {likes.map((one) => (
              <li key={one.category}>
                <Marked of={one} />
                <div>
                  <Evidence of={one} />
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Likings(props: { kind: (typeof KINDS)[number]; likings: PreferenceLiking[] }) {
  const { t } = useTranslation();
  const channel = useChannel();
  const named = (value: string) => {
    if (props.kind === "channels") return channel(value);
    if (props.kind === "hours") return `${value.padStart(2, "0")}:00`;
    if (props.kind === "price_bands") return t(`preference.band_${value}`);
    return value;
  };
  return (
    <>
      <dt>{t(`preference.kind.${props.kind}`)}</dt>
      <dd>
        {props.likings.map((one) => (
          <div key={one.value}>
            {named(one.value)} <span className="soft small">{share(one.share)}</span>
            {props.kind === "categories" && (
              <div className="soft small">
                {t("preference.done", { bought: count(one.bought), looked: count(one.looked) })}
                {" · "}
                <When at={one.last_at} as="ago" />
              </div>
            )}
          </div>
        ))}
      </dd>
    </>
  );
}

/** How much they buy at a discount, beside others like them. */
function Discount({ of }: { of: CustomerPreferences }) {
  const { t } = useTranslation();
  const { orders, discounted, share: own, peers_share: peers } = of.discount;
  if (own === null || (own === 0 && !peers)) return null;
  return (
    <p className="small card-part">
      {t("preference.discount", {
        count: orders,
        orders: count(orders),
        discounted: count(discounted),
        share: share(own),
      })}
      {peers !== null && ` ${t("preference.discount_peers", { share: share(peers) })}`}
    </p>
  );
}
