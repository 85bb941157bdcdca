/**
 * Asking the server with patience: in go requests and what they were refused with, out come answers, sentences for people and
 * decisions to wait. It sends nothing of its own.
 */

import { tr } from "../i18n/texts.ts";
import { LOST, WampError } from "../wamp/session.ts";
import { sleep } from "./sleep.ts";

const UNAVAILABLE_SECONDS = 2;

export function uri_of(error: unknown): string {
  return error instanceof WampError ? error.uri : "";
}

/** What a person is told about a refusal. */
export function sentence_of(error: unknown): string {
  switch (uri_of(error)) {
    case "hotline.error.invalid":
      return tr("This cannot be accepted: {problems}.", {
        problems: Object.entries((error as WampError).kwargs)
          .map((problem) => problem.join(" "))
          .join(", "),
      });
    case "hotline.error.not_found":
      return tr("This is not here any more.");
    case "hotline.error.not_allowed":
    case "wamp.error.not_authorized":
      return tr("You may not do this.");
    case "hotline.error.room_closed":
      return tr("This conversation has ended.");
    case "hotline.error.too_fast":
      return tr("That was too fast. Please wait a moment.");
    case LOST:
      return tr("There is no connection just now. Please try again in a moment.");
    default:
      return tr("Something went wrong on our side. Please try again.");
  }
}

/** How many milliseconds to wait before the same request may succeed; null when waiting does not help. */
export function wait_of(error: unknown): number | null {
  if (!(error instanceof WampError)) return null;
  if (error.uri === "hotline.error.unavailable") return UNAVAILABLE_SECONDS * 1000;
  if (error.uri !== "hotline.error.too_fast") return null;
  const seconds = Number(error.kwargs.retry_after);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 + 20 : 1000;
}

/** Repeats a request for as long as it is refused only for the moment; gives up with any other refusal, or when the connection is lost. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const wait = wait_of(error);
      if (wait === null) throw error;
      await sleep(wait);
    }
  }
}

/** An opaque, unguessable name for one message. Works without a secure context, unlike crypto.randomUUID. */
export function new_nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
