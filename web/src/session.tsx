import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import { ApiError, setCaller } from "./api/client";
import type { MyShop, Permission, Session } from "./api/shape";
import { keyOf, queryClient, useApi } from "./api/hooks";
import { recall, remember } from "./memory";
import { ErrorBox } from "./part/state";

interface Inside {
  session: Session;
  /** The shop that is looked at; null before there is one. */
  shop: MyShop | null;
  setShop: (shopId: string) => void;
}

const SessionContext = createContext<Inside | null>(null);

export function useSession(): Inside {
  const inside = useContext(SessionContext);
  if (!inside) throw new Error("useSession stands outside of SessionGate");
  return inside;
}

/** The shop that is looked at. Pages are shown only where there is one. */
export function useShop(): MyShop {
  const { shop } = useSession();
  if (!shop) throw new Error("no shop");
  return shop;
}

export function useCan(): (permission: Permission) => boolean {
  const { shop } = useSession();
  return useMemo(() => {
    const granted = new Set<string>(shop?.permissions);
    return (permission) => granted.has(permission);
  }, [shop]);
}

function chosenShop(session: Session, wanted: string | null): MyShop | null {
  return session.shops.find((shop) => shop.shop_id === wanted) ?? session.shops[0] ?? null;
}

/** Remembers a session that has just begun, so that nothing asks for it again. */
export function beginSession(session: Session) {
  queryClient.clear();
  setCaller({ csrf: session.csrf });
  queryClient.setQueryData(keyOf("GET /session"), session);
}

function useSignInPage() {
  const navigate = useNavigate();
  return useMemo(
    () => () => {
      const { pathname, search } = window.location;
      if (pathname === "/sign-in") return;
      const back = pathname + search;
      queryClient.clear();
      void navigate({ to: "/sign-in", search: back === "/" ? {} : { back } });
    },
    [navigate],
  );
}

/** Shows what is inside to who is signed in, and the way in to everyone else. */
export function SessionGate({ children, waiting }: { children: ReactNode; waiting: ReactNode }) {
  const { data, error, refetch } = useApi("GET /session", {}, { staleTime: 300_000 });
  const [wanted, setWanted] = useState(() => recall("shop"));
  const toSignIn = useSignInPage();
  const signedOut = error instanceof ApiError && error.status === 401;

  useEffect(() => {
    setCaller({ onSignedOut: toSignIn });
    if (signedOut) toSignIn();
  }, [signedOut, toSignIn]);

  const inside = useMemo<Inside | null>(() => {
    if (!data) return null;
    const shop = chosenShop(data, wanted);
    // Children ask in this very render's wake: the caller has to be known before they do.
    setCaller({ csrf: data.csrf, shop: shop?.shop_id ?? "" });
    const setShop = (shopId: string) => {
      remember("shop", shopId);
      setCaller({ shop: shopId });
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "GET /session" });
      setWanted(shopId);
    };
    return { session: data, shop, setShop };
  }, [data, wanted]);

  if (inside) return <SessionContext.Provider value={inside}>{children}</SessionContext.Provider>;
  if (error && !signedOut)
    return (
      <main>
        <ErrorBox error={error} again={() => void refetch()} whole />
      </main>
    );
  return waiting;
}
