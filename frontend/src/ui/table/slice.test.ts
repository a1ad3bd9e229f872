import { expect, test } from "vitest";
import { scrolledTo, slice } from "./slice.ts";

const view = (row: number, height = 340) => ({ top: row * 34, height });

test("what is seen is drawn, and a little beyond", () => {
  expect(slice(view(0), 1_000, 0)).toEqual({ first: 0, last: 18, rows: 1_000, shift: 0 });
  expect(slice(view(500), 1_000, 0)).toEqual({ first: 492, last: 518, rows: 1_000, shift: 0 });
  expect(slice(view(990), 1_000, 0)).toMatchObject({ first: 982, last: 1_000 });
});

test("a list of nothing, and one that got shorter than what was scrolled to", () => {
  expect(slice(view(0), 0, 0)).toEqual({ first: 0, last: 0, rows: 0, shift: 0 });
  expect(slice(view(500), 10, 0)).toMatchObject({ last: 10, rows: 10 });
});

test("a list of more rows than an element can be high moves on by half, and back", () => {
  expect(slice(view(980), 5_000, 0, 1_000)).toMatchObject({ shift: 0 });
  const end = slice(view(985), 5_000, 0, 1_000);
  expect(end).toMatchObject({ rows: 1_000, shift: 500, last: 1_000 });
  expect(slice(view(485), 5_000, 500, 1_000)).toMatchObject({ first: 977, shift: 0 });
  expect(slice(view(3), 5_000, 500, 1_000)).toMatchObject({ first: 500, shift: -500 });
});

test("a row that is seen stays where it is, one that isn't is scrolled to by the least", () => {
  expect(scrolledTo(5, 0, 340)).toBe(0);
  expect(scrolledTo(9, 0, 340)).toBe(34);
  expect(scrolledTo(2, 340, 340)).toBe(68);
});
