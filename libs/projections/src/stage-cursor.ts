import { RondoError } from '#contracts'
import type { StageMember } from './read-models.ts'

/** The cursor after a member of a stage's listing. It names the place, not a row: it is valid in every store and every generation. */
export function stageCursor({ since, actor }: StageMember): string {
  return Buffer.from(JSON.stringify([since, actor.type, actor.id])).toString('base64url')
}

/** @throws RondoError RONDO_ARGUMENT_INVALID where the text was not made by {@link stageCursor} */
export function parseStageCursor(cursor: string): StageMember {
  try {
    const [since, type, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (Number.isSafeInteger(since) && typeof type === 'string' && typeof id === 'string' && rest.length === 0) {
      return { since: since as number, actor: { type, id } }
    }
  } catch {
    // It is no JSON, or no list: reported below.
  }
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${JSON.stringify(cursor)} is not a cursor of a stage's listing. Use the \`next\` of the page before.`)
}
