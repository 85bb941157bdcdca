/** Waiting: in go milliseconds, out comes when they are over. It cannot be stopped. */

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
