/**
 * Addresses in what people write: in goes a text, out come its pieces, texts and addresses by turns. Together they are the text again,
 * letter by letter; nothing is looked up. Pure.
 */

/**
 * It goes on to white space, to a quotation mark, or to what turns or hides letters, which could make it look like another. What ends a
 * sentence does not belong to it, nor does a bracket that was opened before.
 */
const ADDRESS =
  /((?<!\w)(?:https?:\/\/|mailto:|tel:)(?:[^\s<>"()\u200b-\u200f\u202a-\u202e\u2060-\u2069]|\([^\s<>"()\u200b-\u200f\u202a-\u202e\u2060-\u2069]*\))*(?:[^\s<>"().,;:!?'’”»…\]\u200b-\u200f\u202a-\u202e\u2060-\u2069]|(?<=\))))/i;

export function pieces_of(text: string): string[] {
  return text.split(ADDRESS);
}

/** Whether a browser reads it as people do: what stands before an @ looks like the place it leads to. */
export function is_link(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password, host, pathname } = new URL(address);
  return !(username || password) && !!(host || pathname);
}

/** Who is led to another site is asked first, by a page of its own in a window of its own, that does not learn where from. */
export function way_to(address: string) {
  const leaves = /^h/i.test(address);
  return {
    href: leaves ? `/away#${address}` : address,
    target: leaves ? "_blank" : undefined,
    rel: "noopener noreferrer",
  };
}
