/** The range of the page, its time zone, and what it is compared with. */
import { Button, Group, Menu, Popover, Select, Stack, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { usePlace } from "../app/place.ts";
import { comparedName, COMPARISONS } from "../compare.ts";
import { moment } from "../format.ts";
import { first, instant, PRESETS, rangeOf, withRange } from "../url.ts";

export function rangeLabel(from: string, to: string, zone: string): string {
  const preset = to === "now" ? PRESETS.find(([value]) => value === from) : undefined;
  if (preset) return preset[1];
  const shown = (text: string) =>
    text.startsWith("now") ? text : moment(new Date(instant(text, Date.now())).toISOString(), zone, false);
  return `${shown(from)} – ${shown(to)}`;
}

export function RangePicker() {
  const { search, change } = usePlace();
  const range = rangeOf(search);
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const wrong = Number.isNaN(instant(from, 0)) || Number.isNaN(instant(to, 0));
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
              setFrom(range.from);
              setTo(range.to);
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
              {PRESETS.map(([value, text]) => (
                <Button key={value} variant="subtle" size="compact-sm" onClick={() => choose(value, "now")}>
                  {text}
                </Button>
              ))}
            </Stack>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (!wrong) choose(from, to);
              }}
            >
              <TextInput label="From" size="xs" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
              <TextInput
                label="To"
                size="xs"
                mt={6}
                value={to}
                onChange={(event) => setTo(event.currentTarget.value)}
              />
              <p className="muted" style={{ fontSize: 12, maxWidth: 200 }}>
                {wrong ? "Write now-3d, 2026-11-01 or 2026-11-01T08:30:00Z." : "Relative ranges stay relative."}
              </p>
              <Button size="xs" type="submit" disabled={wrong}>
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
