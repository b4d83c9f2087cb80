import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isInside } from "../search";

interface GoProps {
  to: string;
  children: ReactNode;
  button?: boolean;
  /** The one thing to do. */
  first?: boolean;
}

/** A link to a path that the server names. */
export function Go({ to, children, button, first }: GoProps) {
  const router = useRouter();
  if (!isInside(to)) return <>{children}</>;
  return (
    <a
      href={to}
      className={first ? "go-button first" : button ? "go-button" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        router.history.push(to);
      }}
    >
      {children}
    </a>
  );
}
