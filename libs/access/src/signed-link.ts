import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Instant, Key } from '#contracts'

/** Begins every signed text, so that no signature can stand for something else. */
const PURPOSE = 'rondo link 1'
/** The last parameter: the id of the key, the end in milliseconds since 1970, the signature. */
const SIGNED = /^(.*)([?&])link=([0-9a-f]{12})\.(\d{13})\.([A-Za-z0-9_-]{43})$/
/** One actor, or one picture of a cycle; not a stream, which would outlive the link, nor an export, which is everything. No letter may be encoded before the query. */
const LINKABLE = /^\/v1\/(actors(\/[^/?#]+\/[^/?#]+)?|cycles\/[\w-]+\/(?!live|export)[\w/-]+)(\?[^#\s]*)?$/

/** A request that carries a link. */
export interface SignedLink {
  /** The path and the query that the link shows, exactly as they were signed. */
  readonly target: string
  /** The id of the key that signed it. */
  readonly key: string
  readonly endsAt: Instant
  readonly signature: string
}

/** Whether a path with its query can be signed. */
export const isLinkable = (target: string): boolean => LINKABLE.test(target) && !/[?&]link=/.test(target)

/** The link in the address of a request; undefined if it does not end with one. */
export function signedLinkOf(url: string): SignedLink | undefined {
  const [, target, separator, key, endsAt, signature] = SIGNED.exec(url) ?? []
  if (target === undefined || key === undefined || signature === undefined) return undefined
  if (separator !== separatorIn(target)) return undefined
  return { target, key, endsAt: Number(endsAt), signature }
}

/** The path that shows `target` to everybody until the link ends. */
export function signedPath(target: string, key: Pick<Key, 'id' | 'hash'>, endsAt: Instant): string {
  const signature = signatureOf(target, key, endsAt).toString('base64url')
  return `${target}${separatorIn(target)}link=${key.id}.${endsAt}.${signature}`
}

/** What stands before the parameter of the link. It is not signed, so exactly one is right. */
const separatorIn = (target: string): string => (target.includes('?') ? '&' : '?')

/** What is signed with where there is no key, so that the check takes as long as any other. */
const NO_KEY = { id: '0'.repeat(12), hash: '0'.repeat(64) }

/** Whether the key has signed the link. The duration does not depend on how much of the signature is right, nor on whether there is a key. */
export function hasSigned(key: Pick<Key, 'id' | 'hash'> | undefined, { target, endsAt, signature }: SignedLink): boolean {
  // As texts: several texts of base64url can stand for the same bytes.
  const isSame = timingSafeEqual(Buffer.from(signatureOf(target, key ?? NO_KEY, endsAt).toString('base64url')), Buffer.from(signature))
  return isSame && key !== undefined
}

/** The hash of a key never leaves Rondo, and only the text of the key leads to it. */
function signatureOf(target: string, { id, hash }: Pick<Key, 'id' | 'hash'>, endsAt: Instant): Buffer {
  return createHmac('sha256', Buffer.from(hash, 'hex')).update([PURPOSE, id, endsAt, target].join('\n')).digest()
}
