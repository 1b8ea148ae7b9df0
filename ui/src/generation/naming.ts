import { createContext, useContext } from "react";

/** Which of several readings of a page it is, as "left"; empty where there is one. */
export const ReadingName = createContext("");

/** The name of a region of a reading, which is the only one of that name on the page. */
export function useRegionName(): (name: string) => string {
  const which = useContext(ReadingName);
  return (name) => (which ? `${name}, ${which}` : name);
}
