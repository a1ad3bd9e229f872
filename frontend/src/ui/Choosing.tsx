/** The page's range and comparison in; others, chosen or typed, out. */
import { Button, Group, Menu, Popover, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { usePlace } from "../app/place.ts";
import { DAYS, lately } from "../calendar.ts";
import { COMPARISONS } from "../compare.ts";
import { typed } from "../typed.ts";
import { PRESETS, rangeOf, withRange } from "../url.ts";
import type { Pressed } from "./Opener.tsx";
import { useOpening } from "./opening.ts";
import { rangeLabel } from "./RangePicker.tsx";

function Preset({ title, choose }: { title: string; choose: () => void }) {
  return (
    <Button variant="subtle" size="compact-sm" justify="start" onClick={choose}>
      {title}
    </Button>
  );
}

/** Told once: there are hundreds, and the browser reads a file for them. */
let zones: string[] | undefined;

function allZones(): string[] {
  return (zones ??= Intl.supportedValuesOf("timeZone"));
}

export function ChooseRange({ button }: { button: Pressed }) {
  const { search, change } = usePlace();
  const range = rangeOf(search);
  const { target, opened, setOpened } = useOpening();
  const [text, setText] = useState("");
  const read = typed(text, Date.now(), range.tz);
  const choose = (first: string, last: string) => {
    change((now) => withRange(now, first, last));
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <button
          ref={target}
          type="button"
          {...button}
          onClick={() => {
            setText("");
            setOpened(!opened);
          }}
        />
      </Popover.Target>
      <Popover.Dropdown w="max-content" maw="calc(100vw - 16px)">
        <Group align="start">
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
          <Stack gap={2}>
            {lately(Date.now(), range.tz).map(([first, last]) => (
              <Preset key={first} title={rangeLabel(first, last, range.tz)} choose={() => choose(first, last)} />
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
              data={[...new Set([range.tz, "UTC", ...allZones()])]}
              onChange={(zone) => change((now) => ({ ...now, tz: zone === "UTC" ? "utc" : (zone ?? "utc") }))}
              comboboxProps={{ withinPortal: false }}
            />
          </form>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

export function ChooseComparison({ button }: { button: Pressed }) {
  const { change } = usePlace();
  const { target, opened, setOpened } = useOpening();
  return (
    <Menu position="bottom-end" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button ref={target} type="button" {...button} />
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
  );
}
