import { expect, test } from "vitest";
import { chosen } from "./layout.ts";

const KNOWN = ["time", "model", "cost", "user"];
const USUAL = ["time", "cost"];

test.each([
  ["nothing was chosen", undefined, undefined, ["time", "cost"]],
  ["what was chosen here", undefined, ["user", "time"], ["user", "time"]],
  ["the address, though something was chosen here", "cost,model", ["user"], ["cost", "model"]],
  ["columns that are gone, or twice, are left out", "cost,gone,cost", undefined, ["cost"]],
  ["a table without any column would be no table", "", ["user"], ["time", "cost"]],
])("%s", (_, told, kept, shown) => {
  expect(chosen(KNOWN, USUAL, told, kept)).toEqual(shown);
});
