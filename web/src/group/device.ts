/**
 * What this device is called in one group: in goes the word under which it came in, out comes the same when it asks again. It is kept
 * from the moment somebody was taken out of the group until that group is over; nobody else's device has a name.
 */

const kept_as = (realm: string, code: string) => `hotline.${realm}.${code}.device`;

export function kept_word(realm: string, code: string): string | undefined {
  try {
    return localStorage.getItem(kept_as(realm, code)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Without a word it is kept no longer. */
export function keep_word(realm: string, code: string, word?: string): void {
  try {
    if (word) localStorage.setItem(kept_as(realm, code), word);
    else localStorage.removeItem(kept_as(realm, code));
  } catch {
    // Where storage is blocked no device has a name.
  }
}
