import { withoutSecrets } from '#access'
import { formatInstant, type Instant, type Key, type QuarantineRecord } from '#contracts'
import { randomId } from '#runtime'
import type { ReadCalls } from '#sources'

/** What a refused call was part of. */
export interface CallRequest extends Pick<QuarantineRecord, 'form' | 'call' | 'batch'> {
  readonly path: string
  /** The key with which it was sent. */
  readonly key: Key | undefined
}

/** A refused call as it is kept: everything that reading it again needs, and the id of the key in place of its text, which some SDKs write into each call. */
export function quarantined({ path, key, form, call, batch }: CallRequest, refused: ReadCalls['refused'][number], arrival: Instant): QuarantineRecord {
  return {
    code: refused.code,
    reason: withoutSecrets(refused.reason),
    where: `POST ${path}, index ${refused.index}`,
    refusedAt: formatInstant(arrival),
    raw: withoutSecrets(refused.raw),
    id: randomId(),
    ...(refused.path === undefined ? {} : { path: refused.path }),
    ...(key?.source === undefined ? {} : { source: key.source }),
    ...(key === undefined ? {} : { key: key.id }),
    ...(form === undefined ? {} : { form }),
    ...(call === undefined ? {} : { call }),
    ...(batch === undefined ? {} : { batch }),
  }
}
