/** Values of a tooltip in; one precision for all of them. */
import { expect, test } from "vitest";
import { column, escaped, written } from "./written.ts";

test.each([
  [
    [3.31, 0.8739, 1234.5],
    ["$3.31", "$0.87", "$1,234.50"],
  ],
  [
    [3.31, 0.0004],
    ["$3.31", "<$0.01"],
  ],
  [
    [0.012, 0.0049],
    ["$0.012", "$0.005"],
  ],
  [
    [0.5, null, 0],
    ["$0.500", "—", "$0"],
  ],
  [
    [-2, 2],
    ["−$2.00", "$2.00"],
  ],
])("%j is written %j", (values, texts) => expect(column(values, "money")).toEqual(texts));

test("what nobody knows is no zero", () => expect(written(null, "money")).toBe("—"));

test("names are text, never markup", () => expect(escaped("<img src=x>&\"'")).not.toMatch(/[<>"']/));
