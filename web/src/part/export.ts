import { say } from "./say";
import { useTranslation } from "react-i18next";
import type { Query } from "../api/client";
import { api } from "../api/client";
import { queryClient } from "../api/hooks";
import { useErrorText } from "./state";

/** Exports as a job: what is asked for is written in the background and fetched from the jobs. */
export function useExport(kind: "customers" | "orders" | "products") {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return async (asked: Query) => {
    const pairs = Object.entries(asked).filter(
      ([, value]) => value !== null && value !== undefined,
    );
    const query = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
    try {
      await api("POST /exports", { body: { kind, query } });
      await queryClient.invalidateQueries({ queryKey: ["GET /jobs"] });
      say.info(t("export.started"));
    } catch (error) {
      say.error(errorText(error));
    }
  };
}
