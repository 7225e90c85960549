/**
 * The line a character says when a turn ends without a reply, or undefined where the scenario has none. Chosen by the turn's id, so that
 * whoever ends the turn (the worker or the expiry loop) says the same.
 */
export function fallbackLine(lines: readonly string[], turnId: string): string | undefined {
  const digits = Math.abs(Number.parseInt(turnId.slice(-4), 16));
  return lines[(Number.isNaN(digits) ? 0 : digits) % Math.max(1, lines.length)];
}
