/** A new random id, version 4. Pages without HTTPS have no `crypto.randomUUID`: give the client keys of your own there. */
export function newRandomId(): string {
  // biome-ignore lint/plugin: the client runs in a game's process, where no Ids port is.
  return crypto.randomUUID();
}

/** A random fraction in [0, 1): the first 32 bits of an id are all random. */
export const randomFraction = (): number => Number.parseInt(newRandomId().slice(0, 8), 16) / 2 ** 32;
