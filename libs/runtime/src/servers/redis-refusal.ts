import { RondoError } from '#contracts'
import { hideSecrets } from './secret.ts'
import { type TlsSettingNames, tlsRefusal } from './tls-refusal.ts'

const TLS_SETTINGS: TlsSettingNames = { address: 'RONDO_REDIS', ca: 'RONDO_REDIS_CA_FILE', cert: 'RONDO_REDIS_CERT_FILE and RONDO_REDIS_KEY_FILE' }
/** The text of Redis by which a login was refused. */
const LOGIN_REFUSED = /\b(NOAUTH|WRONGPASS)\b|\bAUTH <password>/
/** The beginning of Redis' answer to a command that the ACL does not allow. */
const RIGHT_MISSING = /\bNOPERM\b/
const LOGIN_REMEDY =
  'Redis refuses the user or the password of RONDO_REDIS, RONDO_REDIS_USER and RONDO_REDIS_PASSWORD: correct them there, or the user in Redis.'
const RIGHT_REMEDY = 'The user of RONDO_REDIS lacks a right: docs/guides/secure-clusters.md has the rules that give all that are needed.'

/** What the client of Redis reported, as a text without secrets. */
export function redisDetail(cause: unknown): string {
  return hideSecrets((cause instanceof Error && cause.message) || String(cause)).replace(/\.$/, '')
}

/**
 * The error if Redis does not let this process in: a refused certificate, login or command. It is retriable: after the correction the same request succeeds.
 * @param what a clause that names what was not done
 * @returns undefined if it failed for another reason
 */
export function redisRefusal(what: string, cause: unknown): RondoError | undefined {
  const detail = redisDetail(cause)
  const certificate = tlsRefusal((cause as { code?: unknown } | undefined)?.code, TLS_SETTINGS)
  if (certificate !== undefined) return new RondoError('RONDO_CERTIFICATE_REFUSED', `${what}: ${certificate} (${detail})`, { cause, retriable: true })
  // Without the cause: a failed command keeps its arguments, and those of AUTH are the password.
  if (LOGIN_REFUSED.test(detail)) return new RondoError('RONDO_LOGIN_REFUSED', `${what}: ${detail}. ${LOGIN_REMEDY}`, { retriable: true })
  return RIGHT_MISSING.test(detail) ? new RondoError('RONDO_RIGHT_MISSING', `${what}: ${detail}. ${RIGHT_REMEDY}`, { retriable: true }) : undefined
}
