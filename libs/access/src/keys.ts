import { formatInstant, type Instant, instantOf, type Key, keySchema, plainExpectation, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import type { AdminActs } from './admin-acts.ts'
import { type HeldKey, isValid, KeyRing } from './key-ring.ts'
import { hashKeyText, newKeyText } from './key-text.ts'

/** The request for a new key: its fields without those that Rondo makes. */
type KeyRequest = Omit<Key, 'id' | 'hash'>

/** A new key. Its text is shown once; it cannot be computed from the stored data. */
export interface CreatedKey {
  readonly key: Key
  readonly text: string
}

/** Where {@link Keys} reads and writes the administrative acts. */
export interface KeysOptions {
  readonly acts: Pick<AdminActs, 'append' | 'refresh' | 'follow'>
  readonly clock: Clock
}

/** The author of the acts that a process does without a request, at its first start. */
const START = 'start'

/** The keys of one Rondo in the memory of one process. */
export class Keys {
  readonly #acts: KeysOptions['acts']
  readonly #clock: Clock
  readonly #ring = new KeyRing()

  constructor({ acts, clock }: KeysOptions) {
    this.#acts = acts
    this.#clock = clock
    acts.follow((act) => this.#ring.apply(act))
  }

  /** Reads and applies the new acts of all processes. @throws RondoError as {@link AdminActs.refresh} */
  refresh(): Promise<void> {
    return this.#acts.refresh()
  }

  /** @throws RondoError RONDO_KEY_INVALID */
  authenticate(text: string): Key {
    return this.#ring.authenticate(text, this.#clock.now())
  }

  list(): readonly HeldKey[] {
    return this.#ring.list()
  }

  /** Whether the key with this id is valid now. */
  isValid(id: string): boolean {
    const held = this.#ring.get(id)
    return held !== undefined && isValid(held, this.#clock.now())
  }

  /** Whether web pages of this origin may send with any key that is valid now. */
  isOriginKnown(origin: string): boolean {
    return this.#valid().some(({ origins }) => origins?.includes(origin) === true)
  }

  /**
   * @param by the id of the key with which it is requested, or `command`
   * @throws RondoError RONDO_ARGUMENT_INVALID that names each defect; as {@link AdminActs.append}
   */
  async create(request: unknown, by: string): Promise<CreatedKey> {
    const { success, data, error } = keySchema.omit({ id: true, hash: true }).safeParse(request, { error: plainExpectation })
    if (!success) throw invalidRequest(error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the key'}: ${message}`))
    const defect = defectOf(data)
    if (defect !== undefined) throw invalidRequest([defect])
    const { id, text } = newKeyText(data.role)
    const key: Key = { id, hash: hashKeyText(text), ...data }
    await this.#acts.append({ kind: 'key-created', ...this.#actFields(by), key })
    return { key, text }
  }

  /**
   * Ends a key, at once or after a time in which a new key replaces it. A key that ends no later already is not ended again.
   * @throws RondoError RONDO_NOT_FOUND; RONDO_ARGUMENT_INVALID if the key is the last admin key: no other one is valid for as long
   */
  async revoke(id: string, by: string, afterMs = 0): Promise<HeldKey> {
    await this.refresh()
    const held = this.get(id)
    const endsAt = this.#clock.now() + afterMs
    if (held.endsAt !== undefined && held.endsAt <= endsAt) return held
    const otherAdmins = this.#valid().filter((key) => key.role === 'admin' && key.id !== id)
    if (held.key.role === 'admin' && otherAdmins.every((other) => lastsFor(this.get(other.id)) < lastsFor(held))) throw lastAdmin(id, otherAdmins)
    await this.#acts.append({ kind: 'key-ended', ...this.#actFields(by), id, endsAt: formatInstant(endsAt) })
    return this.get(id)
  }

  /**
   * Replaces a key by a new one with the same permissions and the same expiry. The old key stays valid for a time.
   * @throws RondoError RONDO_NOT_FOUND; RONDO_KEY_ENDED if the key has ended, or its end is decided: a new key would undo that; as {@link create}
   */
  async rotate(id: string, by: string, overlapMs: number): Promise<CreatedKey> {
    await this.refresh()
    const held = this.get(id)
    refuseEnded(held, this.#clock.now())
    const { id: _id, hash: _hash, ...request } = held.key
    const created = await this.create(request, by)
    await this.revoke(id, by, overlapMs)
    return created
  }

  /**
   * Creates the first admin key if there is no valid one. If several processes start at once, only one of their keys stays valid.
   * @returns undefined if there is an admin key already
   */
  async createFirst(): Promise<CreatedKey | undefined> {
    await this.refresh()
    if (this.#ring.hasAdmin(this.#clock.now())) return undefined
    const created = await this.create({ role: 'admin', name: 'made at the first start' }, START)
    const first = this.#valid().find(({ role }) => role === 'admin')
    if (first?.id === created.key.id) return created
    await this.#acts.append({ kind: 'key-ended', ...this.#actFields(START), id: created.key.id, endsAt: formatInstant(this.#clock.now()) })
    return undefined
  }

  #valid(): Key[] {
    const now = this.#clock.now()
    return this.list()
      .filter((held) => isValid(held, now))
      .map(({ key }) => key)
  }

  /** @throws RondoError RONDO_NOT_FOUND */
  get(id: string): HeldKey {
    const held = this.#ring.get(id)
    if (held === undefined) throw new RondoError('RONDO_NOT_FOUND', `There is no key ${id}. List them with: rondo key list`)
    return held
  }

  #actFields(by: string): { at: string; by: string } {
    return { at: formatInstant(this.#clock.now()), by }
  }
}

/** The defect of a scope that has no meaning for the role of the key. */
function defectOf({ role, source, cycles, origins, eventsPerSecond }: KeyRequest): string | undefined {
  if (cycles !== undefined && role !== 'read') return `cycles: only a read key is bound to cycles, and this is a key to ${role}`
  const [name] = Object.entries({ source, origins, eventsPerSecond }).find(([, value]) => value !== undefined) ?? []
  return name === undefined || role === 'write' ? undefined : `${name}: only a write key has one, and this is a ${role} key`
}

/** The end of a key; a key without an end lasts for ever. */
const lastsFor = ({ endsAt = Number.POSITIVE_INFINITY }: HeldKey): number => endsAt

function lastAdmin(id: string, others: readonly Key[]): RondoError {
  const why = others.length === 0 ? '' : ', because the others end before it'
  return invalidRequest([`the key ${id} is the last admin key${why}: create another one first`])
}

/** @throws RondoError RONDO_KEY_ENDED if a key has expired, or was revoked or replaced, also if it is still valid for a time */
function refuseEnded({ key: { id, expiresAt }, endsAt }: HeldKey, now: Instant): void {
  if (endsAt === undefined) return
  const isExpiry = expiresAt !== undefined && endsAt === instantOf(expiresAt)
  if (isExpiry && endsAt > now) return
  const why = isExpiry ? 'expired' : 'was revoked or replaced, with its end'
  throw new RondoError('RONDO_KEY_ENDED', `The key ${id} ${why} at ${formatInstant(endsAt)}. Rotate the key that replaced it, or create a new one.`)
}

function invalidRequest(defects: readonly string[]): RondoError {
  return new RondoError('RONDO_ARGUMENT_INVALID', `The request for a key is not valid: ${defects.join('; ')}.`)
}

/** A key as lists show it: without its hash, with the times of its creation and end. */
interface ShownKey extends Omit<Key, 'hash' | 'expiresAt'> {
  readonly createdAt: string
  readonly endsAt: string | null
  readonly valid: boolean
}

/** A key as lists show it: without its hash, with the times of its creation and end. */
export function describeKey(held: HeldKey, now: Instant): ShownKey {
  const { key, createdAt, endsAt } = held
  const { hash: _hash, expiresAt: _expiresAt, ...shown } = key
  return { ...shown, createdAt: formatInstant(createdAt), endsAt: endsAt === undefined ? null : formatInstant(endsAt), valid: isValid(held, now) }
}
