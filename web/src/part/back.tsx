import { LeftOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface BackProps {
  to: "/customers" | "/orders" | "/products" | "/imports";
  children: ReactNode;
}

/** The way from one thing to the list of its kind. */
export function Back({ to, children }: BackProps) {
  return (
    <Link to={to} className="back small">
      <LeftOutlined aria-hidden="true" /> {children}
    </Link>
  );
}
