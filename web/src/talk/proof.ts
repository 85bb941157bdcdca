/** The work that is asked of whoever enters when very many do: in goes a puzzle, out comes its answer. */

const AT_ONCE = 256;

/** Null where the browser does not compute hashes: without HTTPS. */
export async function solve(puzzle: string, bits: number): Promise<string | null> {
  const { subtle } = crypto;
  if (!subtle) return null;
  const encoder = new TextEncoder();
  for (let first = 0; ; first += AT_ONCE) {
    const digests = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, at) =>
        subtle.digest("SHA-256", encoder.encode(`${puzzle}:${first + at}`)),
      ),
    );
    const found = digests.findIndex((one) => new DataView(one).getUint32(0) >>> (32 - bits) === 0);
    if (found >= 0) return `${first + found}`;
  }
}
