/** The range of the page, its time zone, and what it is compared with. */
import { IconCalendar } from "@tabler/icons-react";
import { lazy } from "react";
import { lasting } from "../app/lasting.ts";
import { usePlace } from "../app/place.ts";
import { begun, DAYS } from "../calendar.ts";
import { comparedName } from "../compare.ts";
import { dayName, moment } from "../format.ts";
import { first, instant, PRESETS, rangeOf } from "../url.ts";
import { Opener } from "./Opener.tsx";

const choosing = () => import("./Choosing.tsx");
const ChooseRange = lazy(lasting(() => choosing().then((loaded) => ({ default: loaded.ChooseRange }))));
const ChooseComparison = lazy(lasting(() => choosing().then((loaded) => ({ default: loaded.ChooseComparison }))));

const UNITS: Record<string, string> = { m: "minutes", h: "hours", d: "days", w: "weeks" };
const LAST = /^now-(\d+)([mhdw])$/;

/** Whole days, the last one included. */
function datesLabel(from: string, to: string): string {
  const last = dayName(Date.parse(to) - 86_400_000, "UTC");
  const first = dayName(Date.parse(from), "UTC");
  return first === last ? first : `${first} – ${last}`;
}

export function rangeLabel(from: string, to: string, zone: string): string {
  const preset = to === "now" ? PRESETS.find(([value]) => value === from) : undefined;
  if (preset) return preset[1];
  const last = to === "now" ? LAST.exec(from) : null;
  if (last && last[1] !== "1") return `Last ${last[1]} ${UNITS[last[2] ?? ""]}`;
  const named = DAYS.find(([first, last]) => first === from && last === to);
  if (named) return named[2];
  const moments = [from, to].map((text) => (text.startsWith("now") ? NaN : instant(text, Date.now(), zone)));
  const [first, end] = moments.map((at) => begun(at, zone));
  if (first && end && first < end) return datesLabel(first, end);
  const shown = (text: string) => {
    const at = instant(text, Date.now(), zone);
    return text.startsWith("now") || Number.isNaN(at) ? text : moment(new Date(at).toISOString(), zone, false);
  };
  return `${shown(from)} – ${shown(to)}`;
}

export function RangePicker() {
  const { search } = usePlace();
  const range = rangeOf(search);
  const ranged = {
    className: "button",
    "data-range": true,
    "aria-haspopup": "dialog",
    children: (
      <>
        <IconCalendar size={16} aria-hidden /> {rangeLabel(range.from, range.to, range.tz)}
      </>
    ),
  } as const;
  const compared = {
    className: "button",
    "data-compare": true,
    children: first(search, "cmp") ? `vs ${comparedName(search).toLowerCase()}` : "No comparison",
  };
  return (
    <div className="in-row">
      <Opener button={ranged} fetch={choosing}>
        {(button) => <ChooseRange button={button} />}
      </Opener>
      <Opener button={compared} fetch={choosing}>
        {(button) => <ChooseComparison button={button} />}
      </Opener>
      <span className="muted small">{range.tz}</span>
    </div>
  );
}
