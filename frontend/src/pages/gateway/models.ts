/** What was used lately, what providers list and which accounts there are in; the names a call may be given, each once, out. Pure. */

interface Group {
  group: string;
  items: string[];
}

export function offered(used: readonly string[], listed: readonly string[], accounts: readonly string[]): Group[] {
  const told = new Set<string>();
  const fresh = (names: readonly string[]) => names.filter((name) => name !== "" && !told.has(name) && told.add(name));
  return [
    { group: "Used lately", items: fresh(used) },
    { group: "Offered", items: fresh(listed) },
    { group: "Any other of an account", items: fresh(accounts.map((slug) => `@${slug}/`)) },
  ].filter((one) => one.items.length > 0);
}
