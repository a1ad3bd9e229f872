import { expect, test, vi } from "vitest";
import { hasEnded, heed, subscribe } from "./signed.ts";

test("a session has ended with the first answer that says so, and is there again with the first that succeeds", () => {
  const tell = vi.fn();
  const leave = subscribe(tell);
  heed({ ok: true, status: 200 });
  expect([hasEnded(), tell.mock.calls.length]).toEqual([false, 0]);
  heed({ ok: false, status: 401 });
  heed({ ok: false, status: 401 });
  heed({ ok: false, status: 503 });
  expect([hasEnded(), tell.mock.calls.length]).toEqual([true, 1]);
  heed({ ok: true, status: 204 });
  expect([hasEnded(), tell.mock.calls.length]).toEqual([false, 2]);
  leave();
  heed({ ok: false, status: 401 });
  expect(tell).toHaveBeenCalledTimes(2);
});
