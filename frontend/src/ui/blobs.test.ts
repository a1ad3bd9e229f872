/** Binary data that is named instead of printed, and JSON within texts. */
import { describe, expect, it } from "vitest";
import { binary, parsed } from "./blobs.ts";

describe("binary data", () => {
  it("is told by kind and size", () => {
    expect(binary(`data:image/png;base64,${"iVBORw0KGgo9".repeat(40)}`)).toBe("image/png, 360 bytes");
    expect(binary("word ".repeat(100))).toBeNull();
    expect(binary("short")).toBeNull();
  });
});

describe("a text that may be JSON", () => {
  it("is what it holds, or itself", () => {
    expect(parsed(' {"a": [1]}')).toEqual({ a: [1] });
    expect(parsed("{broken")).toBe("{broken");
    expect(parsed("5")).toBe("5");
    expect(parsed(5)).toBe(5);
  });
});
