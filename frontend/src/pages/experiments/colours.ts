/** A comparison in; which colour each of its runs has, out: the same in every part of the page. */
import { slots } from "../../charts/palette.ts";
import type { Comparison } from "./questions.ts";

export function slotsOf(of: Comparison): Map<string, number> {
  return slots(
    "run",
    of.runs.map((run) => run.id),
  );
}
