/** Addresses in; pages, each a chunk of its own but the first, out. */
import type { QueryClient } from "@tanstack/react-query";
import {
  type AnyRoute,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Problem } from "../api/client.ts";
import { PREFIX } from "../prefix.ts";
import { Overview } from "../pages/overview/Overview.tsx";
import { parseSearch, type Search, stringifySearch } from "../url.ts";
import { Shell } from "./Shell.tsx";
import { session } from "./session.ts";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ validateSearch: (search): Search => search as Search });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("../pages/sign-in/SignIn.tsx"), "SignIn"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(session);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { next: location.href } as never });
      }
    }
  },
});

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({
    getParentRoute: () => inside,
    path,
    component: lazyRouteComponent(load as never, name as never),
  }) as AnyRoute;

const overview = createRoute({ getParentRoute: () => inside, path: "/", component: Overview });

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      inside.addChildren([
        overview,
        page("/setup", () => import("../pages/setup/Setup.tsx"), "Setup"),
        page("/costs", () => import("../pages/costs/Costs.tsx"), "Costs"),
        page("/budgets", () => import("../pages/budgets/Budgets.tsx"), "Budgets"),
        page("/budgets/$id", () => import("../pages/budgets/Budget.tsx"), "Budget"),
        page("/alerts", () => import("../pages/alerts/Alerts.tsx"), "Alerts"),
        page("/alerts/$part", () => import("../pages/alerts/Alerts.tsx"), "Alerts"),
        page("/alerts/incidents/$id", () => import("../pages/alerts/Incident.tsx"), "Incident"),
        page("/alerts/rules/$id", () => import("../pages/alerts/RulePage.tsx"), "RulePage"),
        page("/pricing", () => import("../pages/pricing/Pricing.tsx"), "Pricing"),
        page("/pricing/$provider/$", () => import("../pages/pricing/History.tsx"), "History"),
        page("/gateway", () => import("../pages/gateway/Gateway.tsx"), "Gateway"),
        page("/gateway/$part", () => import("../pages/gateway/Gateway.tsx"), "Gateway"),
        page("/gateway/configs/$config", () => import("../pages/gateway/Gateway.tsx"), "Gateway"),
        page("/gateway/configs/$config/$variant", () => import("../pages/gateway/Gateway.tsx"), "Gateway"),
        page("/prompts", () => import("../pages/prompts/Prompts.tsx"), "Prompts"),
        page("/prompts/of/$", () => import("../pages/prompts/Prompt.tsx"), "Prompt"),
        page("/annotation", () => import("../pages/annotation/Annotation.tsx"), "Annotation"),
        page("/annotation/$id", () => import("../pages/annotation/Work.tsx"), "Work"),
        page("/datasets", () => import("../pages/datasets/Datasets.tsx"), "Datasets"),
        page("/datasets/$id", () => import("../pages/datasets/Dataset.tsx"), "Dataset"),
        page("/experiments", () => import("../pages/experiments/Experiments.tsx"), "Experiments"),
        page("/experiments/compare", () => import("../pages/experiments/Compare.tsx"), "Compare"),
        page("/settings", () => import("../pages/settings/Settings.tsx"), "Settings"),
        page("/settings/$part", () => import("../pages/settings/Settings.tsx"), "Settings"),
        page("/costs/tokens", () => import("../pages/costs/Costs.tsx"), "Costs"),
        page("/requests", () => import("../pages/requests/Requests.tsx"), "Requests"),
        page("/requests/$id", () => import("../pages/requests/Request.tsx"), "Request"),
        page("/traces", () => import("../pages/traces/Traces.tsx"), "Traces"),
        page("/traces/$id", () => import("../pages/trace/Trace.tsx"), "Trace"),
        page("/sessions", () => import("../pages/sessions/Sessions.tsx"), "Sessions"),
        page("/sessions/$id", () => import("../pages/sessions/Session.tsx"), "Session"),
        page("/users", () => import("../pages/users/Users.tsx"), "Users"),
        page("/users/$id", () => import("../pages/users/User.tsx"), "User"),
        page("/$", () => import("./NotFound.tsx"), "NotFound"),
      ]),
    ]),
    context: { queries },
    basepath: PREFIX || "/",
    parseSearch,
    stringifySearch,
    defaultPreload: false,
    scrollRestoration: true,
  });
}
