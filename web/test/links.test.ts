/** Addresses in texts: only what is one, and never another letter than was written. */

import { describe, expect, test } from "vitest";
import { is_link, pieces_of } from "../src/views/links.ts";

const links = (text: string) => pieces_of(text).filter((one, index) => index % 2 > 0 && is_link(one));

/** The same dice for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * sides);
  };
}

describe("addresses in a text", () => {
  test.each([
    ["https://example.org", ["https://example.org"]],
    ["See https://example.org/a?b=c#d.", ["https://example.org/a?b=c#d"]],
    ["(https://example.org/a)", ["https://example.org/a"]],
    ["https://example.org/a_(b)", ["https://example.org/a_(b)"]],
    [
      "HTTP://EXAMPLE.ORG, tel:+49800111, mailto:a@b.example!",
      ["HTTP://EXAMPLE.ORG", "tel:+49800111", "mailto:a@b.example"],
    ],
    ["موقع https://مثال.إختبار/x هنا", ["https://مثال.إختبار/x"]],
    ["two\nhttps://a.example\nhttps://b.example", ["https://a.example", "https://b.example"]],
  ])("%j", (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "xhttps://example.org",
    "https://",
    "https:// example.org",
    "tel:",
    "mailto:",
    "https://bank.example@evil.example/",
    "https://a:b@evil.example/",
    "https://[bad",
    "//example.org",
    "example.org",
  ])("%j is none", (text) => {
    expect(links(text)).toEqual([]);
  });

  test("ends where letters would be turned round or hidden", () => {
    expect(links("https://example.org/\u202egpj.exe")).toEqual(["https://example.org/"]);
    expect(links("https://example.org/a\u200bb")).toEqual(["https://example.org/a"]);
  });

  test.each(Array.from({ length: 40 }, (_, seed) => [seed + 1]))("alters no text, seed %i", (seed) => {
    const roll = dice(seed);
    const parts = [
      "https://",
      "http://",
      "tel:",
      "mailto:",
      "javascript:",
      "a",
      "é",
      "م",
      "😀",
      "\ud800",
      "@",
      ".",
      "/",
      ")",
      "(",
      "<b>",
      "&amp;",
    ];
    parts.push(" ", "\n", "\u202e", "\u0000", "[", "]", ":", "?", "%zz", '"', "example.org", "0");
    for (let round = 0; round < 100; round += 1) {
      const text = Array.from({ length: roll(25) }, () => parts[roll(parts.length)]).join("");
      expect(pieces_of(text).join("")).toBe(text);
      for (const address of links(text)) {
        expect(["http:", "https:", "mailto:", "tel:"]).toContain(new URL(address).protocol);
        expect(address).toMatch(/^(https?:\/\/|mailto:|tel:)[^\s<>"\u202e]+$/);
      }
    }
  });

  test("takes no time for what was made to take long", () => {
    const long = ["https://a(", "(a)", "tel:", "https://a.", ".", "a@"].map((part) =>
      part.repeat(5000 / part.length),
    );
    for (const text of long) expect(pieces_of(`https://${text}((`).join("")).toBe(`https://${text}((`);
  }, 1000);
});
