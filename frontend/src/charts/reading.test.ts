/** Keys in; where a chart is read. */
import { expect, test } from "vitest";
import { spoken } from "./OverTime.tsx";
import { moved } from "./reading.ts";

const START = { step: null, line: -1 };

test("arrows go over the steps and stop at the ends", () => {
  expect(moved(START, "ArrowRight", 3, 2)).toEqual({ step: 0, line: -1 });
  expect(moved(START, "ArrowLeft", 3, 2)).toEqual({ step: 2, line: -1 });
  expect(moved({ step: 2, line: 0 }, "ArrowRight", 3, 2)).toEqual({ step: 2, line: 0 });
  expect(moved({ step: 2, line: 0 }, "Home", 3, 2)).toEqual({ step: 0, line: 0 });
});

test("up and down choose a series, and all of them again", () => {
  expect(moved({ step: 1, line: -1 }, "ArrowUp", 3, 2)).toEqual({ step: 1, line: 0 });
  expect(moved({ step: 1, line: 1 }, "ArrowUp", 3, 2)).toEqual({ step: 1, line: 1 });
  expect(moved({ step: 1, line: 0 }, "ArrowDown", 3, 2)).toEqual({ step: 1, line: -1 });
});

test("other keys lead nowhere", () => {
  expect(moved(START, "a", 3, 2)).toBeNull();
  expect(moved(START, "ArrowRight", 0, 0)).toBeNull();
});

test("a step is told with its sum and says when it isn't over", () => {
  const over = {
    times: ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"],
    lines: [
      { name: "gpt-5", values: [1.5, 2] },
      { name: "o4-mini", values: [0, 0.25] },
    ],
    cut: { first: false, last: true },
  };
  const drawn = { over, unit: "money", zone: "UTC", dimension: "model" } as const;
  expect(spoken(drawn, 0, "")).toBe("Nov 1: gpt-5 $1.50");
  expect(spoken(drawn, 1, "")).toBe("Nov 2, so far: $2.25. gpt-5 $2.00, o4-mini $0.250");
  expect(spoken(drawn, 1, "o4-mini")).toBe("Nov 2, so far: o4-mini $0.250");
});
