import { afterEach, expect, test, vi } from "vitest";
import { applyTheme, chosenTheme } from "../shell/theme";
import { readKey, setKey } from "./key";

afterEach(() => vi.unstubAllGlobals());

const REFUSING = {
  getItem: () => refuse(),
  setItem: () => refuse(),
  removeItem: () => refuse(),
};

function refuse(): never {
  throw new DOMException("The operation is insecure.", "SecurityError");
}

test("a browser that keeps nothing has the key until the page is left", () => {
  vi.stubGlobal("sessionStorage", REFUSING);
  expect(readKey()).toBeNull();
  setKey("wf_key");
  expect(readKey()).toBe("wf_key");
  setKey(null);
  expect(readKey()).toBeNull();
});

test("a browser that keeps nothing shows the page in the colours of the system", () => {
  vi.stubGlobal("localStorage", REFUSING);
  expect(() => applyTheme()).not.toThrow();
  expect(chosenTheme()).toBe("system");
});
