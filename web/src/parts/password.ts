// Passwords made here: letters and digits that nobody mixes up on paper, from the browser's own generator.
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const GROUPS = 4;
const GROUP = 5;

/** 20 characters of 56 are 116 bits; the hyphens are for the eye. */
export function makePassword(): string {
  const limit = 256 - (256 % ALPHABET.length); // above it a remainder would favour the first letters
  const letters: string[] = [];
  while (letters.length < GROUPS * GROUP)
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      if (byte < limit) letters.push(ALPHABET[byte % ALPHABET.length]!);
  return Array.from({ length: GROUPS }, (_, i) => letters.slice(i * GROUP, (i + 1) * GROUP).join("")).join("-");
}
