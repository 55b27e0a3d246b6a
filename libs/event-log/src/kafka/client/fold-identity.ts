import { createHash } from 'node:crypto'
import { z } from 'zod'

/** A short name for the definition, generation and version by which states are folded. */
export function identityOf(identity: Readonly<Record<string, string>>): string {
  const entries = Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 22)
}

const metadataSchema = z.object({ identity: z.string() })

/** What a fold depended on, as {@link identityOf} names it, from the metadata beside its committed offset; undefined if another program set the offset. */
export function foldIdentityOf(metadata: string | null): string | undefined {
  try {
    return metadataSchema.parse(JSON.parse(metadata ?? '')).identity
  } catch {
    return undefined
  }
}
