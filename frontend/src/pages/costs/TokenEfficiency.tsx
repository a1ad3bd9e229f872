/** The second tab, a placeholder until its parts are there. */
export function TokenEfficiency() {
  return null;
}
