/** Where a link leads, as the page that asks first shows it. */

import { describe, expect, test } from "vitest";
import { place_of } from "../src/away/place.ts";
import { way_to } from "../src/views/links.ts";

describe("the way to a place", () => {
  test("asks before a site opens, and leaves telephone and mail to themselves", () => {
    expect(way_to("https://a.example/b#c")).toMatchObject({
      href: "/away#https://a.example/b#c",
      target: "_blank",
      rel: "noopener noreferrer",
    });
    expect(way_to("HTTP://a.example").href).toBe("/away#HTTP://a.example");
    for (const other of ["tel:116111", "mailto:a@b.example"])
      expect(way_to(other)).toMatchObject({ href: other, target: undefined });
  });

  test.each([
    "https://example.org/a?b=c&d=%2F%25#e%20f",
    "https://example.org:8443/",
    "https://\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631/x?\u00e4=`",
    "http://[::1]:8080/",
    "https://example.org/#/away#https://other.example",
  ])("loses nothing of %s on the way", (address) => {
    const page = new URL(way_to(address).href, "https://talk.example/o/slug");
    expect(page.pathname).toBe("/away");
    const place = place_of(page.hash);
    expect(decodeURI(place?.href ?? "")).toBe(decodeURI(new URL(address).href));
    expect(place?.host).toBe(new URL(address).host);
  });
});

describe("a place", () => {
  test.each([
    ["https://help.example/a", "help.example", "", false],
    ["https://help.example:8443/a", "help.example:8443", "", false],
    [
      "https://xn--e1afmkfd.xn--p1ai/",
      "xn--e1afmkfd.xn--p1ai",
      "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
      false,
    ],
    ["https://m\u00fcnchen.example/", "xn--mnchen-3ya.example", "m\u00fcnchen.example", false],
    ["https://\u4e2d\u56fd.example/", "xn--fiqs8s.example", "\u4e2d\u56fd.example", false],
    // Cyrillic letters that look like Latin ones.
    [
      "https://\u0430\u0440\u0440\u04cf\u0435.com/",
      "xn--80ak6aa92e.com",
      "\u0430\u0440\u0440\u04cf\u0435.com",
      true,
    ],
    ["https://p\u0430ypal.example/", "xn--pypal-4ve.example", "p\u0430ypal.example", true],
    ["https://xn--99999999.example/", "", "", false],
  ])("%s", (address, host, letters, mixed) => {
    const place = place_of(`#${address}`);
    if (!host) expect(place).toBeNull();
    else expect(place).toMatchObject({ host, letters, mixed });
  });

  test.each([
    "",
    "#",
    "#javascript:alert(1)",
    "#JavaScript://example.org/%0aalert(1)",
    "#data:text/html,x",
    "#file:///etc/passwd",
    "#mailto:a@b.example",
    "#tel:116111",
    "#//example.org",
    "#/clientlist",
    "#https:example.org",
    "#https://",
    "#https://bank.example@evil.example/",
    "#https://exa%0Ample.org%00/",
    "#%68ttps://example.org/",
    "# https://example.org/",
  ])("%j is none", (fragment) => {
    expect(place_of(fragment)).toBeNull();
  });
});
