/** The range of the page, its time zone, and what it is compared with. */
import { Button, Group, Menu, Popover, Select, Stack, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { usePlace } from "../app/place.ts";
import { comparedName, COMPARISONS } from "../compare.ts";
import { DAYS } from "../calendar.ts";
import { moment } from "../format.ts";
import { typed } from "../typed.ts";
import { first, instant, PRESETS, rangeOf, withRange } from "../url.ts";

const UNITS: Record<string, string> = { m: "minutes", h: "hours", d: "days", w: "weeks" };
const LAST = /^now-(\d+)([mhdw])$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** Whole days, the last one included. */
function datesLabel(from: string, to: string): string {
  const day = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", weekday: "short", month: "short", day: "numeric" });
  const last = Date.parse(to) - 86_400_000;
  const first = Date.parse(from);
  return first === last ? day.format(first) : `${day.format(first)} – ${day.format(last)}`;
}

export function rangeLabel(from: string, to: string, zone: string): string {
  const preset = to === "now" ? PRESETS.find(([value]) => value === from) : undefined;
  if (preset) return preset[1];
  const last = to === "now" ? LAST.exec(from) : null;
  if (last && last[1] !== "1") return `Last ${last[1]} ${UNITS[last[2] ?? ""]}`;
  const named = DAYS.find(([first, last]) => first === from && last === to);
  if (named) return named[2];
  if (DATE.test(from) && DATE.test(to)) return datesLabel(from, to);
  const shown = (text: string) => {
    const at = instant(text, Date.now(), zone);
    return text.startsWith("now") || Number.isNaN(at) ? text : moment(new Date(at).toISOString(), zone, false);
  };
  return `${shown(from)} – ${shown(to)}`;
}

function Preset({ title, choose }: { title: string; choose: () => void }) {
  return (
    <Button variant="subtle" size="compact-sm" justify="start" onClick={choose}>
      {title}
    </Button>
  );
}

export function RangePicker() {
  const { search, change } = usePlace();
  const range = rangeOf(search);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const read = typed(text, Date.now(), range.tz);
  const choose = (first: string, last: string) => {
    change((now) => withRange(now, first, last));
    setOpen(false);
  };
  return (
    <Group gap={6}>
      <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconCalendar size={16} />}
            onClick={() => {
              setText("");
              setOpen(!open);
            }}
            data-range
          >
            {rangeLabel(range.from, range.to, range.tz)}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Group align="start" wrap="nowrap">
            <Stack gap={2}>
              {PRESETS.map(([value, title]) => (
                <Preset key={value} title={title} choose={() => choose(value, "now")} />
              ))}
            </Stack>
            <Stack gap={2}>
              {DAYS.map(([first, last, title]) => (
                <Preset key={first} title={title} choose={() => choose(first, last)} />
              ))}
            </Stack>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (read) choose(read.from, read.to);
              }}
            >
              <TextInput
                label="Range"
                size="xs"
                w={220}
                placeholder="last 3d, tuesday, nov 1 - nov 7"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
                data-autofocus
              />
              <p className="muted" style={{ fontSize: 12, maxWidth: 220, minHeight: 36 }}>
                {read
                  ? rangeLabel(read.from, read.to, range.tz)
                  : text
                    ? "Write last 3d, tuesday, nov 1 - nov 7, or 2026-11-01T08:30:00Z - now."
                    : "Relative ranges stay relative."}
              </p>
              <Button size="xs" type="submit" disabled={!read}>
                Apply
              </Button>
              <Select
                label="Time zone"
                size="xs"
                mt={8}
                searchable
                value={range.tz}
                data={[...new Set([range.tz, "UTC", ...Intl.supportedValuesOf("timeZone")])]}
                onChange={(zone) => change((now) => ({ ...now, tz: zone === "UTC" ? "utc" : (zone ?? "utc") }))}
                comboboxProps={{ withinPortal: false }}
              />
            </form>
          </Group>
        </Popover.Dropdown>
      </Popover>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="compact-md" data-compare>
            {first(search, "cmp") ? `vs ${comparedName(search).toLowerCase()}` : "No comparison"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => change(({ cmp: _, ...rest }) => rest)}>No comparison</Menu.Item>
          {COMPARISONS.map(([cmp, name]) => (
            <Menu.Item key={cmp} onClick={() => change((now) => ({ ...now, cmp }))}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className="muted" style={{ fontSize: 12 }}>
        {range.tz}
      </span>
    </Group>
  );
}
