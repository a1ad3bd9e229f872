import { expect, test } from "vitest";
import { Pages, type PageOf } from "./pages.ts";

/** A list of numbers behind cursors, and what it was asked. */
function numbers(total: number, size: number) {
  const asked: string[] = [];
  const ask = (cursor: string | null): Promise<PageOf<number>> => {
    const from = Number(cursor ?? 0);
    asked.push(String(from));
    const data = Array.from({ length: Math.min(size, total - from) }, (_, at) => from + at);
    return Promise.resolve({ data, next_cursor: from + size < total ? String(from + size) : null });
  };
  return { ask, asked };
}

/** Waits until a list has told of a change and then of none for a turn. */
async function settled<T>(pages: Pages<T>): Promise<void> {
  for (let before = -1; before !== pages.version;) {
    before = pages.version;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("the next page is asked for before it is looked at, and only then", async () => {
  const { ask, asked } = numbers(1000, 100);
  const pages = new Pages(ask, 100);
  pages.look(0, 30);
  await settled(pages);
  expect(pages.row(99)).toBe(99);
  expect(asked).toEqual(["0"]);
  pages.look(45, 75);
  await settled(pages);
  expect(asked).toEqual(["0", "100"]);
  expect(pages.count).toBe(200);
  expect(pages.ended).toBe(false);
});

test("walking to the end holds no more than the window, and what was let go comes back by its cursor", async () => {
  const { ask, asked } = numbers(2_050, 100);
  const pages = new Pages(ask, 100, 5);
  for (let at = 0; !pages.ended; at += 20) {
    pages.look(at, at + 20);
    await settled(pages);
    expect(pages.loaded).toBeLessThanOrEqual(500);
  }
  expect(pages.count).toBe(2_050);
  expect(pages.row(2_049)).toBe(2_049);
  expect(pages.row(0)).toBe(0);
  expect(pages.row(150)).toBeUndefined();
  const before = asked.length;
  pages.look(140, 160);
  await settled(pages);
  expect(pages.row(150)).toBe(150);
  expect(asked.length).toBe(before + 1);
  expect(pages.count).toBe(2_050);
});

test("a page that fails is told of, and asked for again when told to", async () => {
  let broken = true;
  const pages = new Pages<number>(() =>
    broken ? Promise.reject(new Error("down")) : Promise.resolve({ data: [7], next_cursor: null }),
  );
  pages.look(0, 10);
  await settled(pages);
  expect(pages.error?.message).toBe("down");
  broken = false;
  pages.retry();
  await settled(pages);
  expect(pages.error).toBeNull();
  expect(pages.find((row) => row === 7)).toBe(0);
});

test("a list that was stopped keeps nothing of what comes later", async () => {
  const { ask } = numbers(10, 100);
  const pages = new Pages(ask);
  pages.look(0, 10);
  pages.stop();
  await settled(pages);
  expect(pages.ready).toBe(false);
});
