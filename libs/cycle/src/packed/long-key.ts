import { hash } from 'node:crypto'

/** Stands for a long text where only sameness matters: its SHA-256, so that memory stays bounded. */
export function longKey(text: string): string {
  return `h${hash('sha256', text, 'base64url')}`
}
