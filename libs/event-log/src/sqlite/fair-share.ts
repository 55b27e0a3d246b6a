/** What is used of a limit that several parts share. */
export interface Share {
  /** What one part uses. */
  readonly own: number
  /** What all parts use together. */
  readonly all: number
  readonly max: number
}

/**
 * Whether a part of a bounded room may grow. No part takes more than it leaves for the others: one part that is stuck gets at most
 * half of the room, two get a third each, and there is always some left for a part that begins.
 */
export function fitsShare({ own, all, max }: Share, more: number): boolean {
  return own + more <= max - (all + more)
}
