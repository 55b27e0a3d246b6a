import { type AdminRecord, adminRecordSchema, laterKind, RondoError } from '#contracts'

/** Acts of these kinds decide who has access. A release that skips one could take a key for valid that has ended. */
const ABOUT_KEYS = 'key-'

/** Where an act is stored, and what becomes of one that this release cannot read. */
export interface StoredActOptions {
  /** The place, as the subject of a sentence: `The record at offset 7 of control`. */
  readonly where: string
  /** The error for a record that is no act of any release. */
  readonly damaged: () => RondoError
  /** Called with the sentence that reports an act which is skipped. */
  readonly onSkipped: (text: string) => void
}

/**
 * The administrative act that a stored text is. While releases are replaced one process after the other, a later one may have written it.
 * @returns undefined for an act of a later release that is not about keys: this release has nothing that follows from it
 * @throws RondoError RONDO_DATA_MISMATCH for an act of a later release about keys; what `damaged` makes for anything else that is no act
 */
export function storedAct(text: string, { where, damaged, onSkipped }: StoredActOptions): AdminRecord | undefined {
  const value = jsonOf(text)
  const { data } = adminRecordSchema.safeParse(value)
  if (data !== undefined) return data
  const kind = laterKind(value)
  if (kind === undefined) throw damaged()
  if (kind.startsWith(ABOUT_KEYS)) {
    const message = `${where} is an act of a later release of Rondo about keys (${kind}), which this release does not know. Skipping it could make a revoked key valid: run the later release.`
    throw new RondoError('RONDO_DATA_MISMATCH', message)
  }
  onSkipped(`${where} is an act of a later release of Rondo (${kind}). This release skips it; run the later one everywhere.`)
  return undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
