/** The button under a chart that shows it as a table, and back. */
import { Button } from "@mantine/core";

export function AsTable({ table, set }: { table: boolean; set: (table: boolean) => void }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      mih={24}
      ml="auto"
      aria-pressed={table}
      title="⇧T"
      onClick={() => set(!table)}
    >
      {table ? "Show as chart" : "Show as table"}
    </Button>
  );
}
