/** How the UI looks in this browser: theme, density, time zone, keys. */
import { SegmentedControl, Select, Switch, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { usePlace } from "../../app/place.ts";
import { Keys } from "../../app/Keys.tsx";
import { zoneOf } from "../../url.ts";

export function Looks() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { search, change } = usePlace();
  const [dense, setDense] = useState(localStorage.getItem("farthing.density") ?? "normal");
  const [keysOn, setKeysOn] = useState(localStorage.getItem("farthing.keys") !== "off");
  const zone = zoneOf(search);
  return (
    <div className="stack">
      <section className="panel" aria-label="Looks">
        <header>
          <h2>
            Looks <span className="finding">kept in this browser</span>
          </h2>
        </header>
        <div className="stack" style={{ justifyItems: "start" }}>
          <SegmentedControl
            aria-label="Theme"
            data={[
              { value: "auto", label: "As the system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "auto")}
          />
          <SegmentedControl
            aria-label="Density"
            data={[
              { value: "normal", label: "Normal rows" },
              { value: "compact", label: "Compact rows" },
            ]}
            value={dense}
            onChange={(value) => {
              localStorage.setItem("farthing.density", value);
              document.documentElement.dataset.density = value;
              setDense(value);
            }}
          />
          <Select
            label="Time zone"
            description="Stands in the address, and goes along from page to page"
            searchable
            w="min(320px, 100%)"
            allowDeselect={false}
            value={zone}
            data={[...new Set([zone, "UTC", ...Intl.supportedValuesOf("timeZone")])]}
            onChange={(next) => change((now) => ({ ...now, tz: next === "UTC" ? "utc" : (next ?? "utc") }))}
          />
        </div>
      </section>
      <section className="panel" aria-label="Keys">
        <header>
          <h2>Keyboard</h2>
          <Switch
            size="xs"
            label="Single keys do something"
            checked={keysOn}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              localStorage.setItem("farthing.keys", on ? "on" : "off");
              setKeysOn(on);
            }}
          />
        </header>
        <div style={{ maxWidth: 480 }}>
          <Keys />
        </div>
      </section>
    </div>
  );
}
