/** The page itself; its first questions have gone out before. */
import "./begin.ts";
import "@fontsource-variable/inter/index.css";
import "@mantine/core/styles.css";
import "./ui/tokens.css";
import "./ui/ui.css";
import "./charts/charts.css";
import "./ui/forced.css";
import "./ui/paper.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client.ts";
import { makeRouter } from "./app/router.tsx";
import { scheme } from "./app/scheme.ts";
import { session } from "./app/session.ts";
import { theme } from "./app/theme.ts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});
void queries.prefetchQuery(session);
const router = makeRouter(queries);

document.documentElement.dataset.density = localStorage.getItem("farthing.density") ?? "normal";

const host = document.getElementById("root");
if (host) {
  createRoot(host).render(
    <MantineProvider theme={theme} colorSchemeManager={scheme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
