/** A budget and a page's filters in; whether any call is both shown and counted, out. */
import type { Schemas } from "../api/client.ts";
import { all, type Search } from "../url.ts";

/** Whether a page's filters leave any call that the budget counts. */
export function counts(of: Schemas["BudgetShown"], search: Search): boolean {
  return Object.entries(of.filters).every(([name, value]) => {
    const asked = all(search, name).filter((one) => !one.startsWith("!"));
    const wanted = [value].flat().filter((one) => !one.startsWith("!"));
    return !asked.length || !wanted.length || asked.some((one) => wanted.includes(one));
  });
}
