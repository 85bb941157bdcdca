/**
 * Asking the server with patience: in go requests and what they were refused with, out come answers, sentences for people and
 * decisions to wait. It sends nothing of its own.
 */

import { LOST, WampError } from "../wamp/session.ts";

const UNAVAILABLE_SECONDS = 2;

const SENTENCES: Record<string, string> = {
  "hotline.error.not_found": "This is not here any more.",
  "hotline.error.not_allowed": "You may not do this.",
  "hotline.error.room_closed": "This conversation has ended.",
  "hotline.error.too_fast": "That was too fast. Please wait a moment.",
  "hotline.error.unavailable": "The service is interrupted for a moment. Please try again shortly.",
  "wamp.error.not_authorized": "You may not do this.",
  [LOST]: "There is no connection just now. Please try again in a moment.",
};

export function uri_of(error: unknown): string {
  return error instanceof WampError ? error.uri : "";
}

/** What a person is told about a refusal. */
export function sentence_of(error: unknown): string {
  if (error instanceof WampError && error.uri === "hotline.error.invalid") {
    const problems = Object.entries(error.kwargs).map(([field, problem]) => `${field} ${String(problem)}`);
    return `This cannot be accepted: ${problems.join(", ")}.`;
  }
  return SENTENCES[uri_of(error)] ?? "Something went wrong on our side. Please try again.";
}

/** How many milliseconds to wait before the same request may succeed; null when waiting does not help. */
export function wait_of(error: unknown): number | null {
  if (!(error instanceof WampError)) return null;
  if (error.uri === "hotline.error.unavailable") return UNAVAILABLE_SECONDS * 1000;
  if (error.uri !== "hotline.error.too_fast") return null;
  const seconds = Number(error.kwargs.retry_after);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 + 20 : 1000;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
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
