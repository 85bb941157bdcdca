/** Whether the organisation takes new clients: in go sessions and clicks, out comes where it stands. It looks again when hours change that. */

import type { Intake, Standing } from "../state/desk_types.ts";
import type { Session } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

const SLACK_MS = 1_000;
const LONGEST_MS = 3_600_000;

export class Service {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly wire: Wire) {}

  async opened(session: Session): Promise<void> {
    await this.wire.listen(session, "hotline.organisation", (kwargs) =>
      this.#stands(kwargs as unknown as Standing),
    );
    await this.#look();
  }

  async set_intake(intake: Intake): Promise<void> {
    const standing = await this.wire.ask<Standing>("hotline.organisation.set_intake", { intake });
    if (standing) this.#stands(standing);
  }

  async #look(): Promise<void> {
    const standing = await this.wire.try_for<Standing>("hotline.organisation.get");
    if (standing) this.#stands(standing);
  }

  #stands({ intake, service, opens_at, closes_at, ...rest }: Standing): void {
    // Not every word about it tells the zone.
    const { time_zone = this.wire.state.standing?.time_zone } = rest;
    this.wire.dispatch({ type: "standing", standing: { intake, service, opens_at, closes_at, time_zone } });
    clearTimeout(this.#timer);
    // At opening and closing time nobody tells.
    const next = opens_at ?? closes_at;
    if (!next) return;
    const wait = new Date(next).getTime() - Date.now() + SLACK_MS;
    this.#timer = setTimeout(() => void this.#look(), Math.min(LONGEST_MS, Math.max(SLACK_MS, wait)));
  }
}
