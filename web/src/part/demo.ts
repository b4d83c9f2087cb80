import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { remember } from "../memory";
import { beginSession } from "../session";
import { say } from "./say";
import { useErrorText } from "./state";

/** Makes the demo shop, beside the others, and goes there. */
export function useDemo() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  return async (enter?: (shopId: string) => void) => {
    try {
      const { shop_id: shopId } = await api("POST /demo");
      remember("shop", shopId);
      // What is known of the shop before must not stand under the name of this one.
      beginSession(await api("GET /session"));
      enter?.(shopId);
      say.info(t("demo.started"));
      await navigate({ to: "/" });
    } catch (error) {
      say.error(errorText(error));
    }
  };
}
