/** The names of columns and rows in; a table that scrolls by itself where the page is narrow, out. */
import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { Doing } from "./doing.ts";
import { PlainTable } from "./PlainTable.tsx";
import { RowButton } from "./RowButton.tsx";

interface TableProps {
  label: string;
  /** `>` before a name: figures, to the right. "" is the column of what can be done. */
  columns: readonly string[];
  children: ReactNode;
}

export function Table({ label, columns, children }: TableProps) {
  return (
    <PlainTable label={label}>
      <thead>
        <tr>
          {columns.map((name) => (
            <th scope="col" key={name} className={name.startsWith(">") ? "r" : ""}>
              {name.replace(/^>/, "") || <span className="sr-only">Change</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </PlainTable>
  );
}

interface ActionsProps {
  /** Whose, for who doesn't see the row. */
  of: string;
  edit?: () => void;
  remove?: () => Promise<unknown>;
  doing: Doing;
  children?: ReactNode;
}

export function Actions({ of, edit, remove, doing, children }: ActionsProps) {
  return (
    <Group gap={4} wrap="nowrap" justify="end">
      {children}
      {edit && (
        <RowButton onClick={edit} aria-label={`Change ${of}`}>
          Change
        </RowButton>
      )}
      {remove && (
        <RowButton
          color="gray"
          onClick={() => doing.twice(of, remove)}
          aria-label={doing.sure === of ? `Really remove ${of}` : `Remove ${of}`}
        >
          {doing.sure === of ? "Really remove" : "Remove"}
        </RowButton>
      )}
    </Group>
  );
}

export function Add({ title, act }: { title: string; act: () => void }) {
  return (
    <Button size="compact-sm" mih={26} onClick={act}>
      {title}
    </Button>
  );
}
