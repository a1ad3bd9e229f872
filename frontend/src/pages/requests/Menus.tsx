/** What can be done with the list as it stands: kept as a view, taken along as a file, begun at another time. */
import { ActionIcon, Button, Menu, Popover, TextInput } from "@mantine/core";
import { IconBookmark, IconClock, IconDownload, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { address, asCurl, chosenProject } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { asked, instant, parseSearch, type Search, stringifySearch } from "../../url.ts";
import { listed, sortOf } from "./list.ts";

const FORMATS = [
  ["csv", "CSV"],
  ["jsonl", "JSON lines"],
  ["parquet", "Parquet"],
] as const;

export function Export() {
  const { search } = usePlace();
  const project = chosenProject();
  const file = (format: string) =>
    address("/api/v1/export", { ...asked(search), format, ...(project ? { project } : {}) });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="compact-sm" mih={26} leftSection={<IconDownload size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, title]) => (
          <Menu.Item key={format} component="a" href={file(format)} download>
            {title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigator.clipboard.writeText(asCurl("/api/v1/calls", listed(search)))}>
          Copy as curl
        </Menu.Item>
        <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface View {
  name: string;
  search: string;
}

const SLOT = "farthing.views.requests";

function kept(): View[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(SLOT) ?? "[]");
    return Array.isArray(found) ? (found as View[]) : [];
  } catch {
    // What somebody else wrote there holds no views.
    return [];
  }
}

export function Views({ cols }: { cols: readonly string[] }) {
  const { search, change } = usePlace();
  const [views, setViews] = useState(kept);
  const [name, setName] = useState("");
  const keep = (next: View[]) => {
    setViews(next);
    localStorage.setItem(SLOT, JSON.stringify(next));
  };
  const save = () => {
    const { peek: _, at: __, ...now } = search;
    const view: Search = { ...now, sort: sortOf(search), cols: cols.join(",") };
    keep([...views.filter((one) => one.name !== name.trim()), { name: name.trim(), search: stringifySearch(view) }]);
    setName("");
  };
  return (
    <Popover position="bottom-end" trapFocus returnFocus shadow="md" width={280}>
      <Popover.Target>
        <Button variant="default" size="compact-sm" mih={26} leftSection={<IconBookmark size={14} />}>
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="columns-menu">
        {views.map((one) => (
          <div key={one.name} className="one">
            <Button variant="subtle" size="compact-sm" onClick={() => change(() => parseSearch(one.search))}>
              {one.name}
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={`Forget the view ${one.name}`}
              onClick={() => keep(views.filter((other) => other !== one))}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </div>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) save();
          }}
        >
          <TextInput
            label="Save this view as"
            description="Filters, range, order and columns, in this browser."
            size="xs"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button size="xs" mt={8} type="submit" disabled={!name.trim()}>
            Save
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The same moment as the address tells it. */
function written(text: string): string | null {
  const at = instant(text.trim(), Date.now());
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

export function Jump({ onJump }: { onJump: (iso: string) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const moment = written(text);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          mih={26}
          leftSection={<IconClock size={14} />}
          onClick={() => setOpen(!open)}
        >
          Go to time
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!moment) return;
            setOpen(false);
            onJump(moment);
          }}
        >
          <TextInput
            label="Show the requests from here on"
            placeholder="2026-11-12T14:30 or now-3d"
            size="xs"
            value={text}
            error={text && !moment ? "Write 2026-11-12T14:30 or now-3d." : undefined}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button size="xs" mt={8} type="submit" disabled={!moment}>
            Go
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
