/** The button under a chart that shows it as a table, and back. */
export function AsTable({ table, set }: { table: boolean; set: (table: boolean) => void }) {
  return (
    <button type="button" className="quiet-button" aria-pressed={table} title="⇧T" onClick={() => set(!table)}>
      {table ? "Show as chart" : "Show as table"}
    </button>
  );
}
