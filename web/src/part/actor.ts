import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../api/hooks";
import { useCan, useSession } from "../session";

/** Those who act are known by numbers; people are read by their names. */
export function useActors(): [string, string][] {
  const { t } = useTranslation();
  const can = useCan();
  const { session } = useSession();
  const staff = useApi("GET /staff", {}, { enabled: can("staff.read"), staleTime: 300_000 });
  const people = staff.data?.people ?? [session.user];
  return [
    ...people.map((one): [string, string] => [one.user_id, one.name]),
    ["operator", t("audit.operator")],
    ["system", t("audit.system")],
  ];
}

export function useActorName(): (actor: string) => string {
  const { t } = useTranslation();
  const actors = useActors();
  return useCallback(
    (actor: string) => {
      const name = actors.find(([id]) => id === actor)?.[1];
      return name ?? (actor.startsWith("usr_") ? t("audit.someone") : actor);
    },
    [actors, t],
  );
}
