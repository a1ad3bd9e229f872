/** Charts beside each other in; the end of the scale they share. */
import { expect, test } from "vitest";
import { scaleEnd } from "./Multiples.tsx";

const over = (...values: (number | null)[]) => ({ times: values.map(String), lines: [{ name: "a", values }] });

test.each([
  [[over(1, 2), over(7.3, null)], 7.6],
  [[over(0.0031)], 0.0032],
  [[over(100)], 120],
  [[over(0, null)], 1],
])("%j share a scale up to %s", (all, end) => expect(scaleEnd(all)).toBeCloseTo(end, 10));
