import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { setKey } from "../api/key";

/** Forgets the API key and all that it opened. */
export function useForgetKey(): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    setKey(null);
    queries.removeQueries({ type: "inactive" });
    void queries.resetQueries();
  }, [queries]);
}
