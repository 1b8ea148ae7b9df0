/** Every page: its address, the state that its address holds, and the module that draws it. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { readSearch as readComparing } from "./comparing/search";
import { readSearch as readConversation, readListSearch as readConversations } from "./conversations/search";
import { readSearch as readDocument } from "./documents/search";
import { readSearch as readGeneration } from "./generation/search";
import { readSearch as readIndex } from "./indexes/search";
import { readSearch as readOverview } from "./overview/search";
import { Shell } from "./shell/Shell";
import { readSearch as readTrace, readListSearch as readTraces } from "./traces/search";
import { readSearch as readTrying } from "./trying/search";
import { NotFound, PageFailure } from "./ui/states";
import { parseSearch, stringifySearch, text } from "./url/search";

/** What every address may hold: the project that is looked at; none: all. */
export interface ProjectSearch {
  project?: string | undefined;
}

const root = createRootRoute({
  component: Shell,
  validateSearch: (raw: Record<string, unknown>): ProjectSearch => ({ project: text(raw.project) }),
  search: { middlewares: [retainSearchParams(["project"])] },
  notFoundComponent: () => <NotFound what="page" />,
});

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: readOverview,
    component: lazyRouteComponent(() => import("./overview/OverviewPage"), "OverviewPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/projects",
    component: lazyRouteComponent(() => import("./projects/ProjectsPage"), "ProjectsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/traces",
    validateSearch: readTraces,
    component: lazyRouteComponent(() => import("./traces/TracesPage"), "TracesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/traces/$traceId",
    validateSearch: readTrace,
    component: lazyRouteComponent(() => import("./traces/TracePage"), "TracePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/generations/$generationId",
    validateSearch: readGeneration,
    component: lazyRouteComponent(() => import("./generation/GenerationPage"), "GenerationPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/compare",
    validateSearch: readComparing,
    component: lazyRouteComponent(() => import("./comparing/ComparePage"), "ComparePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/conversations",
    validateSearch: readConversations,
    component: lazyRouteComponent(() => import("./conversations/ConversationsPage"), "ConversationsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/conversations/$sessionId",
    validateSearch: readConversation,
    component: lazyRouteComponent(() => import("./conversations/ConversationPage"), "ConversationPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/documents",
    validateSearch: readDocument,
    component: lazyRouteComponent(() => import("./documents/DocumentPage"), "DocumentPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/indexes",
    component: lazyRouteComponent(() => import("./indexes/IndexesPage"), "IndexesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/indexes/$name",
    validateSearch: readIndex,
    component: lazyRouteComponent(() => import("./indexes/IndexPage"), "IndexPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/try",
    validateSearch: readTrying,
    component: lazyRouteComponent(() => import("./trying/TryPage"), "TryPage"),
  }),
]);

export function createAppRouter() {
  return createRouter({
    routeTree: routes,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <PageFailure error={error} onAgain={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
