/** Host names in their own letters: in goes a part of one as browsers write it, out comes the same as people would (RFC 3492). Pure. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const LARGEST = 0x10ffff;

/** A label that only looks like one that was encoded stays as it is. */
export function own_letters(label: string): string {
  if (!/^xn--./i.test(label)) return label;
  try {
    return decoded(label.slice(4));
  } catch {
    return label;
  }
}

function decoded(text: string): string {
  const plain = Math.max(0, text.lastIndexOf("-"));
  const letters = [...text.slice(0, plain)].map((letter) => letter.charCodeAt(0));
  let code = 128;
  let bias = 72;
  let place = 0;
  for (let at = plain > 0 ? plain + 1 : 0; at < text.length; ) {
    const before = place;
    for (let weight = 1, step = BASE; ; step += BASE) {
      const digit = Number.parseInt(text[at] ?? "", BASE);
      at += 1;
      // Letters come before figures there.
      const value = digit < 10 ? digit + 26 : digit - 10;
      place += value * weight;
      if (!(place <= LARGEST * (letters.length + 1))) throw new Error("none");
      const threshold = Math.min(T_MAX, Math.max(T_MIN, step - bias));
      if (value < threshold) break;
      weight *= BASE - threshold;
    }
    const count = letters.length + 1;
    bias = adapted(place - before, count, before === 0);
    code += Math.floor(place / count);
    place %= count;
    letters.splice(place, 0, code);
    place += 1;
  }
  return String.fromCodePoint(...letters);
}

function adapted(delta: number, count: number, is_first: boolean): number {
  let rest = Math.floor(delta / (is_first ? 700 : 2));
  rest += Math.floor(rest / count);
  let steps = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; steps += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return steps + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + 38));
}
