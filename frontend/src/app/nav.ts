/** The pages of the sidebar, with the keys that open them. Only what works has a place here. */
import {
  IconBell,
  IconChecklist,
  IconCoin,
  IconDatabase,
  IconFlask,
  IconGauge,
  IconHierarchy2,
  IconListDetails,
  IconMessage2Code,
  IconMessages,
  IconPigMoney,
  IconReportMoney,
  IconRoute,
  IconTag,
  IconUsers,
} from "@tabler/icons-react";

export interface Entry {
  path: string;
  title: string;
  key: string;
  icon: typeof IconCoin;
}

export const NAV: readonly { title: string; entries: readonly Entry[] }[] = [
  {
    title: "Observe",
    entries: [
      { path: "/", title: "Overview", key: "o", icon: IconGauge },
      { path: "/requests", title: "Requests", key: "r", icon: IconListDetails },
      { path: "/traces", title: "Traces", key: "t", icon: IconHierarchy2 },
      { path: "/sessions", title: "Sessions", key: "s", icon: IconMessages },
      { path: "/users", title: "Users", key: "u", icon: IconUsers },
    ],
  },
  {
    title: "Costs",
    entries: [
      { path: "/costs", title: "Costs", key: "c", icon: IconReportMoney },
      { path: "/budgets", title: "Budgets", key: "b", icon: IconPigMoney },
      { path: "/alerts", title: "Alerts", key: "a", icon: IconBell },
      { path: "/pricing", title: "Pricing", key: "p", icon: IconTag },
    ],
  },
  {
    title: "Improve",
    entries: [
      { path: "/gateway", title: "Gateway", key: "w", icon: IconRoute },
      { path: "/prompts", title: "Prompts", key: "m", icon: IconMessage2Code },
      { path: "/experiments", title: "Experiments", key: "e", icon: IconFlask },
      { path: "/datasets", title: "Datasets", key: "d", icon: IconDatabase },
      { path: "/annotation", title: "Annotation", key: "n", icon: IconChecklist },
    ],
  },
];
