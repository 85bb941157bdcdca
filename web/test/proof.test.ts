import { expect, test } from "vitest";
import { solve } from "../src/talk/proof.ts";

test("an answer took the work", async () => {
  for (const bits of [1, 8, 12]) {
    const told = new TextEncoder().encode(`0f0e:${await solve("0f0e", bits)}`);
    const digest = new DataView(await crypto.subtle.digest("SHA-256", told));
    expect(digest.getUint32(0) >>> (32 - bits)).toBe(0);
  }
});
