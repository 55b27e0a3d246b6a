import { durationMs, formatInstant, type Instant, type Key, parseDuration, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import type { Keys } from './keys.ts'
import { hasSigned, isLinkable, type SignedLink, signedPath } from './signed-link.ts'

const DURATION_MAX = '30d'

/** A link that was made. */
export interface NewLink {
  /** The path with its query and the signature; the address of the server goes before it. */
  readonly path: string
  readonly endsAt: Instant
}

/** Signed links: each shows one actor or one picture to those who have it, until it ends or its key does. Nothing is stored. */
export class Links {
  readonly #keys: Pick<Keys, 'list' | 'isValid'>
  readonly #clock: Clock

  constructor({ keys, clock }: { readonly keys: Pick<Keys, 'list' | 'isValid'>; readonly clock: Clock }) {
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * @param target a path with its query
   * @param id the read key that signs it
   * @param duration such as `7d`, at most 30d
   * @throws RondoError RONDO_ARGUMENT_INVALID; RONDO_NOT_FOUND if there is no such key
   */
  sign(target: string, id: string, duration: string): NewLink {
    if (!isLinkable(target)) throw invalid('path: expected the path of an actor or of a picture, such as /v1/cycles/NAME/stages, without a link in it')
    const ms = parseDuration(duration)
    if (ms === undefined || ms === 0 || ms > durationMs(DURATION_MAX)) throw invalid(`duration: expected a time up to ${DURATION_MAX}, such as 7d`)
    const key = this.#validReadKey(id)
    if (key === undefined)
      throw new RondoError('RONDO_NOT_FOUND', `There is no valid read key ${JSON.stringify(id.slice(0, 64))}. List the keys with: rondo key list`)
    const endsAt = this.#clock.now() + ms
    return { path: signedPath(target, key, endsAt), endsAt }
  }

  /**
   * The key that has signed a link.
   * @throws RondoError RONDO_LINK_INVALID if no valid read key has signed this path and query, or the link has ended
   */
  authenticate(link: SignedLink): Key {
    const key = this.#validReadKey(link.key)
    if (!hasSigned(key, link) || key === undefined || !isLinkable(link.target)) {
      throw refused('This link is not valid: it was changed, it was signed for another path or query, or its key has ended.')
    }
    if (link.endsAt <= this.#clock.now()) throw refused(`This link ended at ${formatInstant(link.endsAt)}.`)
    return key
  }

  #validReadKey(id: string): Key | undefined {
    const held = this.#keys.list().find(({ key }) => key.id === id)
    return held?.key.role === 'read' && this.#keys.isValid(id) ? held.key : undefined
  }
}

const invalid = (defect: string): RondoError => new RondoError('RONDO_ARGUMENT_INVALID', `The request for a link is not valid: ${defect}.`)
const refused = (message: string): RondoError => new RondoError('RONDO_LINK_INVALID', `${message} Ask those who gave it to you for a new one.`)
