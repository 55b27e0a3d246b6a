import { hash } from 'node:crypto'

/** The SHA-256 of a long text, used instead of the text where only equality matters, so that memory is bounded. */
export function longKey(text: string): string {
  return `h${hash('sha256', text, 'base64url')}`
}
