import { type AdminRecord, formatInstant, type Instant, instantOf, type Key, RondoError } from '#contracts'
import { isKeyText, keyIdOf } from './key-text.ts'

/** A key, and the time from which it is not valid any more. */
export interface HeldKey {
  readonly key: Key
  readonly createdAt: Instant
  readonly endsAt: Instant | undefined
}

/** Whether a key has not ended yet. */
export const isValid = ({ endsAt }: HeldKey, now: Instant): boolean => endsAt === undefined || endsAt > now

/** The keys that follow from the administrative acts, applied in their order. An act that is applied twice, or that is not about keys, changes nothing. */
export class KeyRing {
  readonly #keys = new Map<string, HeldKey>()

  apply(record: AdminRecord): void {
    if (record.kind === 'key-created') this.#add(record.key, instantOf(record.at))
    else if (record.kind === 'key-ended') this.#end(record.id, instantOf(record.endsAt))
  }

  /**
   * The key of this text.
   * @throws RondoError RONDO_KEY_INVALID if no key has this text, or the key has ended
   */
  authenticate(text: string, now: Instant): Key {
    const held = this.#keys.get(keyIdOf(text) ?? '')
    if (!isKeyText(text, held?.key.hash) || held === undefined) throw invalid('This key is not known here.')
    if (!isValid(held, now)) throw invalid(`The key ${held.key.id} (${held.key.name}) ended at ${formatInstant(held.endsAt ?? now)}.`)
    return held.key
  }

  /** Whether an admin key is valid now: without one, no other key can be created. */
  hasAdmin(now: Instant): boolean {
    return this.list().some((held) => held.key.role === 'admin' && isValid(held, now))
  }

  get(id: string): HeldKey | undefined {
    return this.#keys.get(id)
  }

  /** All keys, also those that have ended, the oldest first. */
  list(): readonly HeldKey[] {
    return [...this.#keys.values()]
  }

  #add(key: Key, createdAt: Instant): void {
    if (this.#keys.has(key.id)) return
    this.#keys.set(key.id, { key, createdAt, endsAt: key.expiresAt === undefined ? undefined : instantOf(key.expiresAt) })
  }

  /** The end of a key can only be moved to an earlier time, so that a revoked key stays revoked. */
  #end(id: string, endsAt: Instant): void {
    const held = this.#keys.get(id)
    if (held === undefined) return
    this.#keys.set(id, { ...held, endsAt: Math.min(held.endsAt ?? Number.POSITIVE_INFINITY, endsAt) })
  }
}

function invalid(message: string): RondoError {
  return new RondoError('RONDO_KEY_INVALID', `${message} Ask an administrator for a valid one (rondo key create).`)
}
