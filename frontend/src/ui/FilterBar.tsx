/** The page's filters as chips, and a way to add one. */
import { IconFilterPlus } from "@tabler/icons-react";
import { lazy } from "react";
import { lasting } from "../app/lasting.ts";
import { usePlace } from "../app/place.ts";
import { filtersOf, withoutFilter, withoutFilters } from "../url.ts";
import { label, told, verb } from "./filterWords.ts";
import { Opener } from "./Opener.tsx";

const adding = () => import("./AddFilter.tsx");
const AddFilter = lazy(lasting(() => adding().then((loaded) => ({ default: loaded.AddFilter }))));

const ADD = {
  className: "button",
  title: "f, or /",
  "data-add-filter": true,
  "aria-haspopup": "dialog",
  children: (
    <>
      <IconFilterPlus size={14} aria-hidden /> Filter
    </>
  ),
} as const;

export function FilterBar() {
  const { search, change } = usePlace();
  const held = filtersOf(search);
  return (
    <div className="in-row" aria-label="Filters" role="group">
      {held.map(({ name, value }) => (
        <span className="chip" key={`${name}=${value}`}>
          {label(name)} {verb(name, value)} <strong>{told(name, value)}</strong>
          <button
            type="button"
            aria-label={`Remove filter ${label(name)} ${value}`}
            onClick={() => change((now) => withoutFilter(now, name, value))}
          >
            ×
          </button>
        </span>
      ))}
      <Opener button={ADD} fetch={adding}>
        {(button) => <AddFilter button={button} />}
      </Opener>
      {held.length > 1 && (
        <button type="button" className="quiet-button" onClick={() => change(withoutFilters)}>
          Clear
        </button>
      )}
    </div>
  );
}
