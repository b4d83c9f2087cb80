import { useTranslation } from "react-i18next";

export const BUILT_IN_ROLES = ["owner", "operator", "analyst", "agent", "readonly"];

/** A role's name: ours are translated, a shop's own are what it calls them. */
export function RoleName({ name }: { name: string }) {
  const { t } = useTranslation();
  return <>{BUILT_IN_ROLES.includes(name) ? t(`role.${name}`) : name}</>;
}
