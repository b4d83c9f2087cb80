import { MoreOutlined } from "@ant-design/icons";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import type { MenuProps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Customer, Personal, Profile } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { day } from "../../format";
import { Back } from "../../part/back";
import { Figure, FigureRow } from "../../part/figure";
import { Page } from "../../part/page";
import { Asked, RowsSkeleton } from "../../part/state";
import { Count, Money, StratumTag, When } from "../../part/value";
import { useCan, useShop } from "../../session";
import { useUrl } from "../../url";
import { Card } from "./card";
import { customerTitle } from "./columns";
import "./customer.css";
import { Erase } from "./erase";
import { Identities } from "./identities";
import { Merge } from "./merge";
import { Next } from "./next";
import { Notes } from "./notes";
import { Preferences } from "./preferences";
import { Relations } from "./relations";
import { Reveal } from "./reveal";
import { PersonLevel } from "./level";
import { PersonTags } from "./tags";
import { Timeline } from "./timeline";
import { PersonCoupons } from "./coupons";
import { Wallet } from "./wallet";

export function ProfilePage() {
  const { t } = useTranslation();
  const { customerId = "" } = useParams({ strict: false });
  const path = { customer_id: customerId };
  const profile = useApi("GET /customers/{customer_id}/profile", { path });
  return (
    <Asked
      query={profile}
      what={t("customer.one")}
      skeleton={
        <div className="page">
          <RowsSkeleton rows={12} />
        </div>
      }
    >
      {(data) => <Whole profile={data} key={data.customer.customer_id} />}
    </Asked>
  );
}

function Whole({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Personal | null>(null);
  const { time_zone: zone } = useShop();
  const one = profile.customer;
  const erased = profile.erased_at !== null;
  return (
    <Page
      title={profile.personal.name ?? customerTitle(one)}
      lead={<Lead profile={profile} />}
      above={<Back to="/customers">{t("nav.customers")}</Back>}
      actions={<Acts one={one} erased={erased} onReveal={setShown} />}
    >
      {profile.erased_at && (
        <p className="attention">{t("profile.erased", { date: day(profile.erased_at, zone) })}</p>
      )}
      <FigureRow>
        <Figure name={t("customer.net_minor")} value={<Money minor={one.net_minor} />} />
        <Figure name={t("customer.paid_orders")} value={<Count value={one.paid_orders} />} />
        <Figure
          name={t("customer.order_value_minor")}
          value={<Money minor={one.order_value_minor ?? null} />}
        />
        <Figure name={t("customer.last_order_at")} value={<When at={one.last_order_at} />} />
        <Figure
          name={t("customer.days_between_orders")}
          value={<Count value={one.days_between_orders ?? null} />}
        />
      </FigureRow>
      <div className="profile">
        <div className="profile-side">
          <Card profile={profile} shown={shown} />
          <PersonLevel id={one.customer_id} />
          <Wallet id={one.customer_id} />
          <PersonCoupons id={one.customer_id} />
          <PersonTags id={one.customer_id} />
          <Identities profile={profile} shown={shown} />
        </div>
        <Timeline id={one.customer_id} />
        <div className="profile-side">
          <Next profile={profile} />
          <Preferences id={one.customer_id} />
          <Relations id={one.customer_id} />
          <Notes id={one.customer_id} />
        </div>
      </div>
    </Page>
  );
}

function Lead({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const { customer: one, personal } = profile;
  return (
    <span className="row wrap">
      <StratumTag name={one.stratum} />
      {one.external_id && personal.name && <span>{one.external_id}</span>}
      {one.registered_at && (
        <span>
          {t("profile.since")} <When at={one.registered_at} />
        </span>
      )}
    </span>
  );
}

interface ActsProps {
  one: Customer;
  erased: boolean;
  onReveal: (values: Personal) => void;
}

/** What can be done with a customer, to those who may. */
function Acts({ one, erased, onReveal }: ActsProps) {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const [search, change] = useUrl();
  const [act, setAct] = useState<"reveal" | "erase" | null>(null);
  const items: MenuProps["items"] = [];
  if (can("customers.edit")) items.push({ key: "merge", label: t("customer.merge") });
  if (can("customers.erase") && !erased) {
    items.push({ key: "erase", label: t("erase.title"), danger: true });
  }
  const pick: MenuProps["onClick"] = ({ key }) => {
    if (key === "merge") change({ merge: "1" });
    else setAct("erase");
  };
  return (
    <>
      {can("customers.reveal") && !erased && (
        <Button onClick={() => setAct("reveal")}>{t("reveal.title")}</Button>
      )}
      {items.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items, onClick: pick }} placement="bottomRight">
          <Button
            icon={<MoreOutlined aria-hidden />}
            aria-label={t("profile.more")}
            aria-haspopup="menu"
          />
        </Dropdown>
      )}
      <Reveal one={one} open={act === "reveal"} close={() => setAct(null)} done={onReveal} />
      <Erase
        one={one}
        open={act === "erase"}
        close={() => setAct(null)}
        done={() => void navigate({ to: "/customers" })}
      />
      <Merge
        one={one}
        wish={search.merge}
        close={() => change({ merge: undefined }, { replace: true })}
      />
    </>
  );
}
