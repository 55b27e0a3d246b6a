import { hash } from 'node:crypto'

/** Stands for a long text where only sameness matters: its SHA-256, so that memory stays bounded. */
export function longKey(text: string): string {
  return `h${hash('sha256', text, 'base64url')}`
}

/** The id of an output: 128 bits of the SHA-256 over what makes it unique. */
export function outputId(cycle: string, generation: number, actor: { type: string; id: string }, seq: number): string {
  return hash('sha256', JSON.stringify([cycle, generation, actor.type, actor.id, seq]), 'base64url').slice(0, 22)
}
