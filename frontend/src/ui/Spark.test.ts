/** Values of a tile in; where its line breaks, out. */
import { expect, test } from "vitest";
import { path } from "./Spark.tsx";

test("what is unknown is a gap, not the floor", () => {
  expect(path([2, null, 2], 2)).toBe("M0.0 1.0M200.0 1.0");
  expect(path([0, 2], 2)).toBe("M0.0 23.0L200.0 1.0");
});
