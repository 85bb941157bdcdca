// @vitest-environment happy-dom
import { h, render } from "preact";
import { beforeEach, expect, test } from "vitest";
import { Form, LONGEST } from "../src/views/forms.tsx";

const keep: { filled: FormData | undefined } = { filled: undefined };
const QUESTIONS = [
  { name: "about", label: "What is it about?", kind: "long_text", required: false },
  { name: "who", label: "Who?", kind: "choices", required: false, choices: ["I", "a friend"] },
  { name: "how", label: "How?", kind: "choice", required: false, choices: ["well", "badly"] },
];
const name = { name: "name", label: "Name", kind: "text", required: false, longest: 80 };

let page: HTMLElement;
beforeEach(() => {
  keep.filled = undefined;
  page = document.createElement("main");
  document.body.replaceChildren(page);
});

function show(first = [name]): void {
  const nothing = () => {};
  const props = { questions: QUESTIONS, first, problems: {}, awaited: false, button: "Start", keep };
  render(h(Form, { ...props, on_filled: nothing, on_problems: nothing }), page);
}

const field = (name: string) => page.querySelector(`[name="${name}"]`) as HTMLTextAreaElement;

test("what was filled in is in the next form that asks for it", () => {
  show();
  field("name").value = "Kim";
  field("answers.about").value = "School";
  field("answers.how").value = "badly";
  (page.querySelector('[value="a friend"]') as HTMLInputElement).checked = true;
  render(null, page);
  const text = { name: "text", label: "Message", kind: "long_text", required: true, longest: 5000 };
  show([name, text]);
  expect(field("name").value).toBe("Kim");
  expect(field("text").value).toBe("");
  expect(field("answers.about").value).toBe("School");
  expect(field("answers.how").value).toBe("badly");
  const checked = [...page.querySelectorAll<HTMLInputElement>(":checked")].filter(
    (one) => one.type === "checkbox",
  );
  expect(checked.map((one) => one.value)).toEqual(["a friend"]);
});

test("nobody can type more than the server takes", () => {
  show();
  expect(field("name").maxLength).toBe(80);
  expect(field("answers.about").maxLength).toBe(LONGEST);
});
