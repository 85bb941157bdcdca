/**
 * Passkeys: buttons that have the browser make or show one, where it can. In go options that the server gives as JSON, out goes the browser's
 * answer in the button's form. It keeps nothing, and sees no private key.
 */

/** What the server says before a passkey is made or shown: as WebAuthn has it, with base64url for bytes. */
interface Options {
  challenge: string;
  timeout: number;
  rpId?: string;
  rp?: PublicKeyCredentialRpEntity;
  user?: { id: string; name: string; displayName: string };
  pubKeyCredParams?: PublicKeyCredentialParameters[];
  excludeCredentials?: Described[];
  allowCredentials?: Described[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  userVerification?: UserVerificationRequirement;
}

interface Described {
  type: "public-key";
  id: string;
}

export function offer_passkeys(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
    // At another name than the public address's own, browsers refuse.
    if (!window.PublicKeyCredential || location.hostname !== button.dataset.host) continue;
    button.hidden = false;
    if (button.form) button.form.hidden = false;
    document.querySelector("[data-without-passkeys]")?.remove();
    button.addEventListener("click", () => void press(button));
  }
}

async function press(button: HTMLButtonElement): Promise<void> {
  const form = button.form;
  const answer = form?.querySelector<HTMLInputElement>("input[name=passkey]");
  const said = form?.querySelector<HTMLElement>("[data-said]");
  if (!form || !answer || !said || !form.reportValidity()) return;
  const what = button.dataset.passkey ?? "";
  said.textContent = "";
  button.disabled = true;
  try {
    const options = await ask(what, form.querySelector<HTMLInputElement>("input[name=step]")?.value ?? "");
    if (!options) return;
    answer.value = JSON.stringify(await (what === "add" ? make(options) : show(options)));
    form.submit();
  } catch (error) {
    said.textContent = sentence_of(error);
  } finally {
    button.disabled = false;
  }
}

/** The server's options; undefined: it wants something else first, and the browser goes there. */
async function ask(what: string, step: string): Promise<Options | undefined> {
  const answer = await fetch("/session/passkey", {
    method: "POST",
    body: new URLSearchParams({ for: what, step }),
  });
  if (answer.status === 401) {
    location.assign("/login");
    return undefined;
  }
  const said = await answer.json();
  if (!answer.ok) throw new Refused(said.error);
  return said;
}

async function make(options: Options): Promise<unknown> {
  const { rp, user, pubKeyCredParams } = options;
  if (!rp || !user || !pubKeyCredParams) throw new Refused("The server sent something else.");
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes_of(options.challenge),
      timeout: options.timeout,
      rp,
      user: { ...user, id: bytes_of(user.id) },
      pubKeyCredParams,
      excludeCredentials: (options.excludeCredentials ?? []).map(described),
      ...(options.authenticatorSelection && { authenticatorSelection: options.authenticatorSelection }),
      attestation: "none",
    },
  });
  if (!is_passkey(made) || !(made.response instanceof AuthenticatorAttestationResponse))
    throw new Refused(NONE);
  const { clientDataJSON, attestationObject } = made.response;
  return {
    ...outside(made),
    response: { clientDataJSON: text_of(clientDataJSON), attestationObject: text_of(attestationObject) },
  };
}

async function show(options: Options): Promise<unknown> {
  const shown = await navigator.credentials.get({
    publicKey: {
      challenge: bytes_of(options.challenge),
      timeout: options.timeout,
      allowCredentials: (options.allowCredentials ?? []).map(described),
      ...(options.rpId && { rpId: options.rpId }),
      ...(options.userVerification && { userVerification: options.userVerification }),
    },
  });
  if (!is_passkey(shown) || !(shown.response instanceof AuthenticatorAssertionResponse))
    throw new Refused(NONE);
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return {
    ...outside(shown),
    response: {
      clientDataJSON: text_of(clientDataJSON),
      authenticatorData: text_of(authenticatorData),
      signature: text_of(signature),
      ...(userHandle && { userHandle: text_of(userHandle) }),
    },
  };
}

const NONE = "The browser gave no passkey.";

/** A sentence of the server's, or of ours, for people. */
class Refused extends Error {}

function sentence_of(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") return "This device has a passkey of yours already.";
  // Said alike when people cancel, wait too long or have none: browsers do not tell which.
  if (name === "NotAllowedError" || name === "AbortError") return "No passkey was used. You can try again.";
  return "That did not work. Please load the page again.";
}

function is_passkey(credential: Credential | null): credential is PublicKeyCredential {
  return credential instanceof PublicKeyCredential;
}

function outside(credential: PublicKeyCredential): object {
  return { id: credential.id, rawId: text_of(credential.rawId), type: credential.type };
}

function described({ type, id }: Described): PublicKeyCredentialDescriptor {
  return { type, id: bytes_of(id) };
}

function bytes_of(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function text_of(bytes: ArrayBuffer): string {
  const signs = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
