import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { SERVICE, type Service } from "../api/service";

/** A service that was upgraded between two requests is noticed after this time; one that was away, when it is back. */
const LOOK_MS = 60_000;

/** The version that the service has now, if it is another than the one that this page was loaded from. */
export function useUpgraded(): string | null {
  const { data } = useQuery({ ...SERVICE, refetchInterval: LOOK_MS, refetchOnWindowFocus: true });
  const [first, setFirst] = useState<Service | null>(null);
  useEffect(() => {
    if (data) setFirst((before) => before ?? data);
  }, [data]);
  if (!first || !data) return null;
  return first.version === data.version && first.interface === data.interface ? null : data.version;
}
