import { expect, test } from "vitest";
import { inSequence } from "./sequence.ts";

const pressed = (key: string, timeStamp: number) => inSequence({ key, timeStamp });

test("what follows g within a second is the second half, once, whoever asks", () => {
  expect(pressed("e", 10)).toBe(false);
  expect(pressed("g", 20)).toBe(false);
  expect(pressed("o", 30)).toBe(true);
  expect(pressed("o", 30)).toBe(true);
  expect(pressed("o", 40)).toBe(false);
});

test("g is forgotten after a second, and is a second half itself", () => {
  expect(pressed("g", 2000)).toBe(false);
  expect(pressed("o", 3000)).toBe(false);
  expect(pressed("g", 4000)).toBe(false);
  expect(pressed("g", 4100)).toBe(true);
  expect(pressed("o", 4200)).toBe(false);
});
