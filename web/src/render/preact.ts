/**
 * Draws a page: in go elements as JSX makes them (`h`), out come changes of the document. It is that part of Preact which the client's views
 * use, in a fifth of its size, and takes Preact's place in the client's page: functions, and classes that give one element each. It
 * knows no hooks, no context and no SVG; what it does not know does not build.
 */

type Props = Record<string, unknown>;
type Making = new (props: Props) => Component;

/** What is to stand in the document, and what stands there: a text (type ""), an element, or an instance with the element it draws. */
interface Drawn {
  type: string | Making;
  props: Props;
  key: unknown;
  node?: ChildNode;
  children?: (Drawn | null)[];
  instance?: Component;
  drawn?: Drawn;
}

export class Component {
  state: Props = {};
  self: Drawn | null = null;
  stale = false;
  componentDidMount?(): void;
  componentDidUpdate?(before: Props): void;
  componentWillUnmount?(): void;

  constructor(public props: Props) {}

  setState(change: Props): void {
    this.state = { ...this.state, ...change };
    this.stale = true;
    queueMicrotask(() => {
      if (!this.stale || !this.self) return;
      redraw(this.self, this.props);
      settle();
    });
  }

  render(): unknown {
    return null;
  }
}

export const Fragment = (props: Props): unknown => props.children;

export const createRef = () => ({ current: null });

/** What JSX becomes. */
export function h(type: unknown, given: Props | null, ...children: unknown[]): unknown {
  const { key, ...props }: Props = { ...given, ...(children.length > 0 && { children }) };
  if (typeof type !== "function" || type.prototype?.render) return { type, props, key };
  // A function has no state: what it gives stands in its place.
  const made = type(props);
  if (key !== undefined) made.key = key;
  return made;
}

/** What components are told once the document is whole. */
const news: (() => void)[] = [];

function settle(): void {
  for (const tell of news.splice(0)) tell();
}

const roots = new WeakMap<Element, Drawn>();

export function render(content: unknown, node: HTMLElement): void {
  const root = roots.get(node) ?? { type: "", props: {}, key: 0, node };
  roots.set(node, root);
  draw_children(root, content);
  settle();
}

/** Children in one row. What is not shown keeps its place, so that its neighbours stay who they are. */
function flat(content: unknown, row: (Drawn | null)[] = []): (Drawn | null)[] {
  if (Array.isArray(content)) for (const one of content) flat(one, row);
  else if (content == null || typeof content === "boolean") row.push(null);
  else if (typeof content === "object") row.push(content as Drawn);
  else row.push({ type: "", props: { content }, key: undefined });
  return row;
}

function fits(old: Drawn | null | undefined, next: Drawn | null): old is Drawn {
  return !!old && !!next && old.type === next.type && old.key === next.key;
}

function draw_children(parent: Drawn, content: unknown): void {
  const before = parent.children ?? [];
  const after = flat(content);
  const free = new Set(before);
  const take = (old: Drawn | null | undefined, next: Drawn | null) =>
    fits(old, next) && free.delete(old) ? old : undefined;
  // Whoever stood in the same place first, then whoever moved.
  const olds = after.map((next, index) => take(before[index], next));
  for (const [index, next] of after.entries()) {
    for (const old of free) {
      if (olds[index]) break;
      olds[index] = take(old, next);
    }
  }
  for (const one of free) {
    if (!one) continue;
    forget(one);
    node_of(one).remove();
  }
  const into = parent.node as Node;
  // From the first to the last: a list of choices begins with what it got first.
  let here = into.firstChild;
  for (const [index, next] of after.entries()) {
    if (!next) continue;
    const old = olds[index];
    const stands = old && node_of(old) === here;
    const node = draw(next, old);
    if (stands) here = node.nextSibling;
    else into.insertBefore(node, here);
  }
  parent.children = after;
}

function draw(next: Drawn, old?: Drawn): ChildNode {
  const { type, props } = next;
  if (typeof type === "function") {
    const instance = old?.instance ?? new type(props);
    const before = instance.props;
    next.instance = instance;
    if (old?.drawn) next.drawn = old.drawn;
    instance.self = next;
    instance.props = props;
    return redraw(next, before);
  }
  const known = old?.props ?? {};
  if (!type) {
    const node = old?.node ?? document.createTextNode("");
    if (known.content !== props.content) node.nodeValue = String(props.content);
    next.node = node;
    return node;
  }
  const node = (old?.node ?? document.createElement(type)) as HTMLElement;
  next.node = node;
  if (old?.children) next.children = old.children;
  draw_children(next, props.children);
  for (const name in { ...known, ...props })
    if (name !== "children") put(node, name, props[name], known[name]);
  return node;
}

/** Draws an instance where it stands, with the properties and the state it has now. */
function redraw(self: Drawn, before: Props): ChildNode {
  const instance = self.instance as Component;
  const old = self.drawn;
  instance.stale = false;
  const next = instance.render() as Drawn;
  const node = draw(next, fits(old, next) ? old : undefined);
  self.drawn = next;
  if (old && !fits(old, next)) {
    forget(old);
    node_of(old).replaceWith(node);
  }
  news.push(() => (old ? instance.componentDidUpdate?.(before) : instance.componentDidMount?.()));
  return node;
}

function put(node: HTMLElement, name: string, value: unknown, old: unknown): void {
  const plain = node as unknown as Props;
  if (name === "value" || name === "checked") {
    // The person may have changed it meanwhile.
    if (plain[name] !== value) plain[name] = value;
  } else if (value === old) return;
  else if (name === "ref") refer(value, node);
  else if (/^on/.test(name)) plain[name.toLowerCase()] = value;
  else if (value == null || (value === false && !name.includes("-"))) node.removeAttribute(name);
  else node.setAttribute(name, value === true && !name.includes("-") ? "" : String(value));
}

function refer(ref: unknown, node: HTMLElement | null): void {
  if (typeof ref === "function") ref(node);
  else if (ref) (ref as { current: unknown }).current = node;
}

function node_of(one: Drawn): ChildNode {
  return one.drawn ? node_of(one.drawn) : (one.node as ChildNode);
}

/** What is taken away hears of it, from the outside in. */
function forget({ instance, drawn, children, props }: Drawn): void {
  instance?.componentWillUnmount?.();
  if (instance) instance.self = null;
  refer(props.ref, null);
  for (const one of [drawn, ...(children ?? [])]) if (one) forget(one);
}
