import { describe, expect, test } from "vitest";
import examples from "../../docs/examples/package-lock.json";
import interop from "../../tests/interop/package-lock.json";
import web from "../package-lock.json";

interface Package {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  resolved?: string;
}

describe.each(Object.entries({ web, examples, interop }))("the lock of %s", (_, lock) => {
  const packages = Object.entries(lock.packages as Record<string, Package>);

  test("names every package of every platform, or a clean install fails", () => {
    const names = new Set(packages.map(([path]) => path.split("node_modules/").at(-1)));
    const wanted = packages.flatMap(([, one]) =>
      Object.keys({ ...one.dependencies, ...one.optionalDependencies }),
    );
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  test("ties nobody to another registry than the public one", () => {
    const places = packages.map(([, one]) => one.resolved ?? "").filter(Boolean);
    expect(places.filter((place) => !place.startsWith("https://registry.npmjs.org/"))).toEqual([]);
  });
});
