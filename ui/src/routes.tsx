/** Every page: its address, the state that its address holds, and the module that draws it. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { readSearch as readAudit } from "./audits/search";
import { readSearch as readComparing } from "./comparing/search";
import { readSearch as readConversation, readListSearch as readConversations } from "./conversations/search";
import { readSearch as readDocument } from "./documents/search";
import { readSearch as readGeneration } from "./generation/search";
import { readSearch as readIndex } from "./indexes/search";
import { readSearch as readOverview } from "./overview/search";
import { readSearch as readProjects } from "./projects/search";
import { NoPage } from "./shell/NoPage";
import { PageFault } from "./shell/PageFault";
import { part } from "./shell/pages";
import { Shell } from "./shell/Shell";
import { readSearch as readTrace, readListSearch as readTraces } from "./traces/search";
import { readSearch as readTrying } from "./trying/search";
import { parseSearch, stringifySearch, text } from "./url/search";

/** What every address may hold: the project that is looked at; none: all. */
export interface ProjectSearch {
  project?: string | undefined;
}

const root = createRootRoute({
  component: Shell,
  validateSearch: (raw: Record<string, unknown>): ProjectSearch => ({ project: text(raw.project) }),
  search: { middlewares: [retainSearchParams(["project"])] },
  notFoundComponent: NoPage,
});

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: readOverview,
    component: lazyRouteComponent(
      part(() => import("./overview/OverviewPage")),
      "OverviewPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/projects",
    validateSearch: readProjects,
    component: lazyRouteComponent(
      part(() => import("./projects/ProjectsPage")),
      "ProjectsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/traces",
    validateSearch: readTraces,
    component: lazyRouteComponent(
      part(() => import("./traces/TracesPage")),
      "TracesPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/traces/$traceId",
    validateSearch: readTrace,
    component: lazyRouteComponent(
      part(() => import("./traces/TracePage")),
      "TracePage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/generations/$generationId",
    validateSearch: readGeneration,
    component: lazyRouteComponent(
      part(() => import("./generation/GenerationPage")),
      "GenerationPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/compare",
    validateSearch: readComparing,
    component: lazyRouteComponent(
      part(() => import("./comparing/ComparePage")),
      "ComparePage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/conversations",
    validateSearch: readConversations,
    component: lazyRouteComponent(
      part(() => import("./conversations/ConversationsPage")),
      "ConversationsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/conversations/$sessionId",
    validateSearch: readConversation,
    component: lazyRouteComponent(
      part(() => import("./conversations/ConversationPage")),
      "ConversationPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/documents",
    validateSearch: readDocument,
    component: lazyRouteComponent(
      part(() => import("./documents/DocumentPage")),
      "DocumentPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/indexes",
    component: lazyRouteComponent(
      part(() => import("./indexes/IndexesPage")),
      "IndexesPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/indexes/$name",
    validateSearch: readIndex,
    component: lazyRouteComponent(
      part(() => import("./indexes/IndexPage")),
      "IndexPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/audits",
    component: lazyRouteComponent(
      part(() => import("./audits/AuditsPage")),
      "AuditsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/audits/$name",
    validateSearch: readAudit,
    component: lazyRouteComponent(
      part(() => import("./audits/AuditPage")),
      "AuditPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/try",
    validateSearch: readTrying,
    component: lazyRouteComponent(
      part(() => import("./trying/TryPage")),
      "TryPage",
    ),
  }),
]);

export function createAppRouter() {
  return createRouter({
    routeTree: routes,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <PageFault error={error} onAgain={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
