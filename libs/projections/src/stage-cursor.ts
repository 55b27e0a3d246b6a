import { RondoError } from '#contracts'
import type { StageMember } from './read-models.ts'

/** The cursor after a member of a stage's listing. It contains the member's sort key, so it is valid in every store and every generation. */
export function stageCursor({ since, actor }: StageMember): string {
  return Buffer.from(JSON.stringify([since, actor.type, actor.id])).toString('base64url')
}

/** @throws RondoError RONDO_ARGUMENT_INVALID if the text was not made by {@link stageCursor} */
export function parseStageCursor(cursor: string): StageMember {
  try {
    const [since, type, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (Number.isSafeInteger(since) && typeof type === 'string' && typeof id === 'string' && rest.length === 0) {
      return { since: since as number, actor: { type, id } }
    }
  } catch {
    // The text is not JSON, or not a list: the error below reports it.
  }
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${JSON.stringify(cursor)} is not a cursor of a stage's listing. Use the \`next\` of the page before.`)
}
