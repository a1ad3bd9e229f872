/** All columns of a table and its layout in; which are shown and in which order, to be chosen by hand or by keys, out. */
import { ActionIcon, Button, Checkbox, Group, Popover } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns } from "@tabler/icons-react";
import { RowButton } from "../RowButton.tsx";
import type { Column } from "./Grid.tsx";
import type { Layout } from "./layout.ts";

/** The keys with one of them put before another. */
export function movedBefore(keys: readonly string[], key: string, before: string): string[] {
  const rest = keys.filter((one) => one !== key);
  const at = rest.indexOf(before);
  return at < 0 ? [...keys] : [...rest.slice(0, at), key, ...rest.slice(at)];
}

function swapped(keys: readonly string[], at: number, by: number): string[] {
  const [key, other] = [keys[at], keys[at + by]];
  if (key === undefined || other === undefined) return [...keys];
  return keys.map((one) => (one === key ? other : one === other ? key : one));
}

export function ColumnsMenu<T>({ columns, layout }: { columns: readonly Column<T>[]; layout: Layout<T> }) {
  const keys = layout.shown.map((one) => one.key);
  const hidden = columns.filter((one) => !keys.includes(one.key));
  return (
    <Popover position="bottom-end" trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button variant="default" size="compact-sm" mih={26} leftSection={<IconColumns size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="columns-menu">
        <Group justify="space-between" mb={6}>
          <strong>Columns</strong>
          <RowButton onClick={layout.reset}>Reset</RowButton>
        </Group>
        {layout.shown.map((one, at) => (
          <div key={one.key} className="one">
            <Checkbox
              size="xs"
              label={one.title}
              checked
              disabled={keys.length === 1}
              onChange={() => layout.show(keys.filter((key) => key !== one.key))}
            />
            <span>
              <Move
                title={`${one.title} further left`}
                off={at === 0}
                onClick={() => layout.show(swapped(keys, at, -1))}
              >
                <IconArrowUp size={14} />
              </Move>
              <Move
                title={`${one.title} further right`}
                off={at === keys.length - 1}
                onClick={() => layout.show(swapped(keys, at, 1))}
              >
                <IconArrowDown size={14} />
              </Move>
            </span>
          </div>
        ))}
        {hidden.map((one) => (
          <div key={one.key} className="one">
            <Checkbox size="xs" label={one.title} checked={false} onChange={() => layout.show([...keys, one.key])} />
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

function Move(props: { title: string; off: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      aria-label={props.title}
      disabled={props.off}
      onClick={props.onClick}
    >
      {props.children}
    </ActionIcon>
  );
}
