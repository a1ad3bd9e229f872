/** The tokens in; that series can be told apart by everybody, and from what they are drawn on. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SLOTS, slots } from "./palette.ts";

type Three = [number, number, number];

const [LIGHT = "", DARK = ""] = readFileSync(new URL("../ui/tokens.css", import.meta.url), "utf8").split(
  '[data-mantine-color-scheme="dark"]',
);

function token(css: string, name: string): Three {
  const hex = new RegExp(`--${name}: #([0-9a-f]+)`).exec(css)?.[1] ?? "";
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  return [0, 2, 4].map((at) => linear(parseInt(full.slice(at, at + 2), 16) / 255)) as Three;
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function times(matrix: Three[], [a, b, c]: Three): Three {
  return matrix.map(([x, y, z]) => x * a + y * b + z * c) as Three;
}

function luminance([r, g, b]: Three): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Three, b: Three): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function oklab(colour: Three): Three {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    colour,
  ).map(Math.cbrt) as Three;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

/** Machado, Oliveira and Fernandes 2009, of full severity, in linear light. */
const VISIONS: Record<string, Three[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function closest(css: string, vision: Three[]): number {
  const seen = Array.from({ length: SLOTS }, (_, slot) => {
    const shown = times(vision, token(css, `series-${slot}`)).map((part) => Math.min(1, Math.max(0, part)));
    return oklab(shown as Three);
  });
  const pairs = seen.flatMap((a, at) =>
    seen.slice(at + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
  );
  return 100 * Math.min(...pairs);
}

const THEMES = [
  ["light", LIGHT],
  ["dark", DARK],
] as const;

test.each(THEMES)("every series stands out from the %s panel", (_, css) => {
  for (let slot = 0; slot < SLOTS; slot++) {
    expect(contrast(token(css, `series-${slot}`), token(css, "panel"))).toBeGreaterThanOrEqual(3);
  }
});

test.each(
  THEMES.flatMap(([theme, css]) =>
    Object.entries(VISIONS).map(([kind, matrix]) => [theme, kind, css, matrix] as const),
  ),
)("in %s, with %s vision, no two series look alike", (_theme, _kind, css, matrix) =>
  expect(closest(css, matrix)).toBeGreaterThanOrEqual(11),
);

test.each(THEMES)("text can be read on every ground of the %s theme", (_, css) => {
  for (const ground of ["bg", "panel"]) {
    for (const ink of ["text", "muted", "accent"]) {
      expect(contrast(token(css, ink), token(css, ground))).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test("an entity keeps its colour when others come and go", () => {
  const before = slots("test", ["a", "b", "c"]);
  const after = slots("test", ["d", "c", "a"]);
  expect(after.get("a")).toBe(before.get("a"));
  expect(after.get("c")).toBe(before.get("c"));
  expect(new Set(after.values()).size).toBe(3);
});

test("seven names get seven colours", () => {
  const found = slots("many", ["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(new Set(found.values()).size).toBe(SLOTS);
  expect(found.has("h")).toBe(false);
});
