/** Host names in their own letters are those that others read in them. */

import { domainToASCII, domainToUnicode } from "node:url";
import { describe, expect, test } from "vitest";
import { own_letters } from "../src/away/punycode.ts";

/** The same dice for the same seed. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * sides);
  };
}

describe("own letters", () => {
  test.each(["example", "xn--", "xn--\u00e4", "xn--a-b-c-!", "xn--999999999999999999", "XN---"])(
    "%s stays as it is",
    (label) => {
      expect(own_letters(label)).toBe(label);
    },
  );

  test.each(Array.from({ length: 40 }, (_, seed) => [seed + 1]))(
    "are those of the browser, seed %i",
    (seed) => {
      const roll = dice(seed);
      const ranges = [
        [0x61, 26],
        [0x430, 32],
        [0x5d0, 27],
        [0x627, 20],
        [0x905, 20],
        [0x4e00, 20_000],
        [0xe0, 20],
        [0x30, 10],
      ];
      for (let round = 0; round < 25; round += 1) {
        const letters = Array.from({ length: 1 + roll(12) }, () => {
          const [first, count] = ranges[roll(ranges.length)] ?? [0x61, 26];
          return String.fromCodePoint(first + roll(count));
        });
        const label = domainToASCII(letters.join(""));
        // Not all that is written is a name: figures beside letters from right to left are none.
        if (label.startsWith("xn--")) expect(own_letters(label)).toBe(domainToUnicode(label));
      }
    },
  );
});
