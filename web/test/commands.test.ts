import { expect, test } from "vitest";
import { matching } from "../src/console/commands.ts";

test("a command is found by the beginnings and middles of its words, in any order", () => {
  const commands = ["Open chat with Kim", "Chat now with Kim", "I am: Away"].map((name) => ({
    name,
    run: () => {},
  }));
  const found = (text: string) => matching(commands, text).map((one) => one.name);
  expect(found("kim chat")).toEqual(["Open chat with Kim", "Chat now with Kim"]);
  expect(found(" NOW ")).toEqual(["Chat now with Kim"]);
  expect(found("")).toHaveLength(3);
  expect(found("robin")).toEqual([]);
});
