// @vitest-environment happy-dom
/** The small renderer against Preact itself: whatever trees follow each other, the document is the same. */

import * as preact from "preact";
import { jsx as preact_jsx } from "preact/jsx-runtime";
import { describe, expect, test } from "vitest";
import * as light from "../src/render/preact.ts";

type Make = (type: unknown, props: Record<string, unknown>, key?: unknown) => unknown;
type Tree = { kind: string; key?: number; name?: string; text?: string; mark?: boolean; children?: Tree[] };

/** What JSX becomes in the client's page, written as the other one is. */
const light_jsx: Make = (type, { children, ...props }, key) =>
  children === undefined ? light.h(type, { ...props, key }) : light.h(type, { ...props, key }, children);

/** The same dice for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * sides);
  };
}

function grow(roll: (sides: number) => number, depth: number): Tree {
  const kinds =
    depth > 0
      ? ["element", "element", "element", "function", "class", "list", "text", "none"]
      : ["text", "none"];
  const kind = kinds[roll(kinds.length)] as string;
  const children = () => Array.from({ length: roll(5) }, () => grow(roll, depth - 1));
  if (kind === "text") return { kind, text: ["a", "", "0", "b < c"][roll(4)] as string };
  if (kind === "none") return { kind };
  if (kind !== "list") {
    return {
      kind,
      name: ["p", "b", "section"][roll(3)] as string,
      mark: roll(2) === 0,
      children: children(),
    };
  }
  const keys = [1, 2, 3, 4, 5].sort(() => roll(3) - 1).slice(0, roll(6));
  return {
    kind,
    children: keys.map((key) => ({
      kind: "element",
      key,
      name: "li",
      mark: false,
      children: [grow(roll, depth - 1)],
    })),
  };
}

class OfPreact extends preact.Component<Record<string, unknown>> {
  override render() {
    return preact_jsx(this.props.name as "p", {
      id: "instance",
      children: this.props.children as preact.ComponentChildren,
    });
  }
}
class OfLight extends light.Component {
  override render() {
    return light_jsx(this.props.name, { id: "instance", children: this.props.children });
  }
}

function build(make: Make, One: unknown, tree: Tree): unknown {
  const { kind, name, key, mark, children = [] } = tree;
  const inside = children.map((child) => build(make, One, child));
  switch (kind) {
    case "text":
      return tree.text;
    case "none":
      return null;
    case "list":
      return inside;
    case "class":
      return make(One, { name, children: inside });
    case "function":
      return make((props: Record<string, unknown>) => make("i", props), {
        title: mark ? "" : "x",
        children: inside,
      });
    default:
      return make(
        name,
        { class: mark ? "mark" : undefined, hidden: mark, "aria-busy": mark, children: inside },
        key,
      );
  }
}

/** What stands there, attributes in the order of their names. */
function shown(node: Node): string {
  if (!(node instanceof Element)) return node.nodeValue ?? "";
  const attributes = [...node.attributes].map((one) => ` ${one.name}="${one.value}"`).sort();
  return `<${node.tagName}${attributes.join("")}>${[...node.childNodes].map(shown).join("")}</>`;
}

describe("the client's renderer", () => {
  test.each(Array.from({ length: 60 }, (_, seed) => [seed + 1]))(
    "draws what Preact draws, seed %i",
    (seed) => {
      const roll = dice(seed);
      const [one, other] = [document.createElement("div"), document.createElement("div")];
      for (let round = 0; round < 8; round += 1) {
        const tree = Array.from({ length: 1 + roll(4) }, () => grow(roll, 4));
        preact.render(
          tree.map((part) => build(preact_jsx as Make, OfPreact, part)) as preact.ComponentChildren,
          one,
        );
        light.render(
          tree.map((part) => build(light_jsx, OfLight, part)),
          other,
        );
        expect(shown(other)).toBe(shown(one));
      }
    },
  );

  const list = (keys: number[]) =>
    light_jsx("ul", { children: keys.map((key) => light_jsx("li", { id: String(key) }, key)) });
  const items = (box: Element) => [...box.querySelectorAll("li")];

  test("moves what has a key, and takes away the rest", () => {
    const box = document.createElement("div");
    light.render(list([1, 2, 3]), box);
    const [first, , third] = items(box);
    light.render(list([3, 4, 1]), box);
    expect(items(box)[0]).toBe(third);
    expect(items(box)[2]).toBe(first);
    expect(items(box).map((one) => one.id)).toEqual(["3", "4", "1"]);
  });

  test("begins a list of choices with the first", () => {
    const box = document.createElement("div");
    const options = ["", "one", "two"].map((value) => light_jsx("option", { value, children: value }));
    light.render(light_jsx("select", { children: options }), box);
    expect((box.firstElementChild as HTMLSelectElement).value).toBe("");
  });

  test("leaves its neighbours alone when something appears before them", () => {
    const box = document.createElement("div");
    const page = (more: boolean) => [
      more && light_jsx("p", { children: "new" }),
      light_jsx("p", { children: "old" }),
    ];
    light.render(page(false), box);
    const old = box.firstElementChild;
    light.render(page(true), box);
    expect(box.lastElementChild).toBe(old);
    expect(box.textContent).toBe("newold");
  });

  test("keeps the state of an instance, tells it of its life, and gives it its element", async () => {
    const told: string[] = [];
    class Counter extends light.Component {
      override state: { count: number } = { count: 0 };
      box = light.createRef() as { current: Element | null };
      override componentDidMount = () => told.push(`there ${this.box.current?.isConnected}`);
      override componentDidUpdate = () => told.push(`again ${this.state.count}`);
      override componentWillUnmount = () => told.push("gone");
      override render() {
        const { count } = this.state;
        return light_jsx("button", {
          ref: this.box,
          onClick: () => this.setState({ count: count + 1 }),
          children: count,
        });
      }
    }
    const box = document.body.appendChild(document.createElement("div"));
    const page = (more: boolean) => light_jsx("div", { children: [more, light_jsx(Counter, {})] });
    light.render(page(false), box);
    const button = box.querySelector("button");
    button?.click();
    await Promise.resolve();
    expect(button?.textContent).toBe("1");
    light.render(page(true), box);
    expect(box.querySelector("button")).toBe(button);
    light.render(null, box);
    expect(told).toEqual(["there true", "again 1", "again 1", "gone"]);
    expect(box.childElementCount).toBe(0);
  });

  test("says what the person has not changed, and never writes over what is the same", () => {
    const box = document.createElement("div");
    const field = (value: string) =>
      light_jsx("input", { value, disabled: value === "b", "aria-invalid": false });
    light.render(field("a"), box);
    const input = box.firstElementChild as HTMLInputElement;
    input.value = "typed";
    light.render(field("b"), box);
    expect([input.value, input.disabled, input.getAttribute("aria-invalid")]).toEqual(["b", true, "false"]);
    light.render(field("c"), box);
    expect([input.value, input.disabled]).toEqual(["c", false]);
  });
});
