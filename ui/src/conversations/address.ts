/**
 * Addresses of sessions. Their ids are whatever an application sent: dots, slashes and line breaks do not outlive a
 * path, so such ids stand in the search part.
 */

/** What stands in the path where the id does not; it is no id itself. */
export const ELSEWHERE = "-";

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.~-]*$/;

export interface SessionAddress {
  params: { sessionId: string };
  search: { project: string | undefined; session: string | undefined };
}

export function addressOf(session: string, project: string | undefined): SessionAddress {
  const plain = PLAIN.test(session);
  return {
    params: { sessionId: plain ? session : ELSEWHERE },
    search: { project, session: plain ? undefined : session },
  };
}

export function sessionOf(inPath: string, inSearch: string | undefined): string {
  return inSearch ?? inPath;
}
