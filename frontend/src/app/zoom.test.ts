/** Ranges dragged over, one within the other, in; the ways back, out. */
import { expect, test } from "vitest";
import { beforeZoom, zoomed } from "./zoom.ts";

test("every zoom is taken back once, and only while it is shown", () => {
  zoomed({ from: "now-30d" }, "a", "b");
  zoomed({ from: "a", to: "b" }, "c", "d");
  expect(beforeZoom({ from: "now-7d" })).toBeNull();
  expect(beforeZoom({ from: "c", to: "d" })).toMatchObject({ from: "a", to: "b" });
  expect(beforeZoom({ from: "a", to: "b" })).toMatchObject({ from: "now-30d", to: "now" });
  expect(beforeZoom({ from: "a", to: "b" })).toBeNull();
});
