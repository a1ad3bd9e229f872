import { expect, test } from "vitest";
import { cellMoney, count, delta, duration, exactMoney, money, percent, rounded, shortCount, span } from "./format.ts";

test.each([
  ["359.29", "$359.29"],
  ["1234.565", "$1,234.57"],
  ["0.068", "$0.068"],
  ["0.0675", "$0.068"],
  ["0.0012", "$0.0012"],
  ["0.00000069", "$0.00000069"],
  ["1240000", "$1.24M"],
  ["123456.7", "$123.5k"],
  ["0", "$0"],
  ["0.000", "$0"],
  ["-3.5", "−$3.50"],
  [null, "—"],
])("a total of %s is %s", (value, text) => expect(money(value)).toBe(text));

test.each([
  ["0.000069", "$0.000069"],
  ["1.23456", "$1.2346"],
  ["123.456", "$123.46"],
  ["0.0000004", "<$0.000001"],
  ["0.5", "$0.500000"],
  ["0", "$0"],
  [null, "—"],
])("a call's cost of %s is %s", (value, text) => expect(cellMoney(value)).toBe(text));

test("rounding is exact beyond what a float holds", () => {
  expect(rounded("0.1249999999999999999999999", 2)).toBe("0.12");
  expect(rounded("9007199254740993.995", 2)).toBe("9007199254740994.00");
  expect(rounded("-0.001", 2)).toBe("0.00");
});

test("exact money keeps every digit", () => {
  expect(exactMoney("1234.000001350")).toBe("$1,234.000001350");
  expect(exactMoney(null)).toBe("unknown");
});

test("counts, durations, shares", () => {
  expect([count(1276), count(null), shortCount(111_600_000), shortCount(9_999)]).toEqual([
    "1,276",
    "—",
    "111.6M",
    "9,999",
  ]);
  expect([0.42, 643, 1240, 125_000, 4_320_000, null].map(duration)).toEqual([
    "0.42 ms",
    "643 ms",
    "1.24 s",
    "2m 05s",
    "1h 12m",
    "—",
  ]);
  expect([0.975, 0.0312, 0, 12, null].map(percent)).toEqual(["98 %", "3.1 %", "0 %", ">999 %", "—"]);
  expect([delta(3, 2), delta(1, 2), delta(1, 0), delta(0, 0)]).toEqual(["▲ 50 %", "▼ 50 %", "new", "±0 %"]);
});

test("whole days have names", () => {
  expect(span("2026-11-17T00:00:00Z", "2026-11-18T00:00:00Z", "UTC")).toBe("Tue, Nov 17");
  expect(span("2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z", "Europe/Berlin")).toBe("Mon, Nov 16 – Sun, Nov 22");
  expect(span("2026-11-17T00:00:00Z", "2026-11-17T06:30:00Z", "UTC")).toBe("Nov 17 00:00 – Nov 17 06:30");
});
