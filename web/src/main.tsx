import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { api } from "./api/client";
import { keyOf, queryClient } from "./api/hooks";
import "./base.css";
import { firstLang, startTexts } from "./i18n";
import { LookProvider } from "./look";
import { giveStylesNonce } from "./nonce";
import { router } from "./router";

/** What everyone who is signed in needs is asked for before the first page is drawn. */
function loadInside() {
  void import("./shell/shell");
  void queryClient.prefetchQuery({
    queryKey: keyOf("GET /session"),
    queryFn: () => api("GET /session"),
  });
}

async function main() {
  giveStylesNonce();
  const lang = firstLang();
  const outside = /^\/(sign-in|start|links)/.test(window.location.pathname);
  if (!outside) loadInside();
  await startTexts(lang);
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <LookProvider first={lang}>
          <RouterProvider router={router} />
        </LookProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void main();
