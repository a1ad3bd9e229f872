/** Shares of a whole in; a ring with the total in its middle and a list of value and share beside it, out. */
import { useState } from "react";
import { percent } from "../format.ts";
import { Chart } from "./Chart.tsx";
import { OTHER, slots, variable } from "./palette.ts";
import { ring } from "./shares.ts";
import type { Unit } from "./written.ts";

export interface Slice {
  name: string;
  /** For drawing. */
  value: number;
  /** As people read it, and all its digits. */
  text: string;
  exact: string;
}

interface RingProps {
  title: string;
  slices: readonly Slice[];
  dimension: string;
  unit: Unit;
  total: string;
  height?: number;
  pick: (name: string) => void;
}

export function Ring({ title, slices, dimension, unit, total, height = 220, pick }: RingProps) {
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const found = slots(
    dimension,
    slices.map((slice) => slice.name),
  );
  const whole = slices.reduce((sum, slice) => sum + slice.value, 0) || 1;
  const open = (name: string) => name !== OTHER && pick(name);
  return (
    <div className="ring">
      <Chart
        option={() => ring(slices, dimension, unit, total)}
        of={[slices, unit, total]}
        height={height}
        label={`${title}: ${total} in all. ${slices.map((slice) => `${slice.name} ${slice.text}`).join(", ")}.`}
        steps={slices.length}
        read={(step) => {
          const slice = slices[step];
          return slice ? `${slice.name}: ${slice.text}, ${percent(slice.value / whole)}` : "";
        }}
        highlighted={highlighted}
        onPick={(step, name) => open(name || (slices[step]?.name ?? OTHER))}
      />
      <table className="plain">
        <tbody>
          {slices.map((slice) => (
            <tr
              key={slice.name}
              data-dim={highlighted !== null && highlighted !== slice.name}
              onMouseEnter={() => setHighlighted(slice.name)}
              onMouseLeave={() => setHighlighted(null)}
            >
              <th scope="row">
                <button
                  type="button"
                  disabled={slice.name === OTHER}
                  title={slice.name}
                  onClick={() => open(slice.name)}
                >
                  <i
                    style={{ background: `var(${variable(slice.name === OTHER ? undefined : found.get(slice.name))})` }}
                  />
                  <span>{slice.name}</span>
                </button>
              </th>
              <td className="r" title={slice.exact}>
                {slice.text}
              </td>
              <td className="r muted">{percent(slice.value / whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
