import { expect, test } from "vitest";
import { lasting } from "./lasting.ts";

test("what can't be fetched is fetched again", async () => {
  let asked = 0;
  const load = () => {
    asked += 1;
    return asked < 3 ? Promise.reject(new Error("gone")) : Promise.resolve("here");
  };
  expect(await lasting(load, 0)()).toBe("here");
  expect(asked).toBe(3);
});

test("what comes at once is asked for once", async () => {
  let asked = 0;
  expect(await lasting(() => Promise.resolve(++asked))()).toBe(1);
  expect(asked).toBe(1);
});
