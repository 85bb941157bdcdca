/** Where a state lives: in go events, out come states to whoever listens, at most once per turn. It does no I/O. */

export class Store<State, Event> {
  readonly #listeners: (() => void)[] = [];
  #told = true;

  constructor(
    public state: State,
    private readonly reduce: (state: State, event: Event) => State,
  ) {}

  dispatch = (event: Event): void => {
    const next = this.reduce(this.state, event);
    if (next === this.state) return;
    this.state = next;
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of this.#listeners) listener();
    });
  };

  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
