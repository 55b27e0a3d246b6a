import { type ErrorCode, RondoError } from '#contracts'
import { hideSecrets, type TlsSettingNames, tlsRefusal } from '#runtime'

/** The fields of errors of kafkajs that are read here. */
interface KafkaFailure {
  readonly name?: string
  readonly type?: string
  readonly code?: unknown
  /** host:port, of a failed connection. */
  readonly broker?: string
  readonly message?: string
  readonly cause?: unknown
  readonly originalError?: unknown
}

/** Answers by which a broker reports that another producer has the same transactional id. */
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'])
/** Answers to times that the brokers do not allow: a retry gets the same answer. */
const REFUSED_TIMES = [
  [
    'INVALID_SESSION_TIMEOUT',
    'the brokers do not allow this RONDO_SESSION. It must be between their group.min.session.timeout.ms (6 s unless set) and group.max.session.timeout.ms (30 min unless set): change it, or them.',
  ],
  [
    'INVALID_TRANSACTION_TIMEOUT',
    'the brokers do not allow this RONDO_TRANSACTION. It must not be above their transaction.max.timeout.ms (15 min unless set): change it, or them.',
  ],
] as const
/** Errors of brokers that do not know a topic or its leader yet: after a change the brokers learn of it one after the other. */
export const TOPIC_NOT_KNOWN_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION', 'KafkaJSTopicMetadataNotLoaded']
/** Answers to a record that is larger than the topic allows. */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** The report of a failure that an operator must correct. It is retriable: after the correction the same request succeeds. */
interface Refusal {
  readonly code: ErrorCode
  readonly text: string
}
const TLS_SETTINGS: TlsSettingNames = { address: 'RONDO_BROKERS', ca: 'RONDO_KAFKA_CA_FILE', cert: 'RONDO_KAFKA_CERT_FILE and RONDO_KAFKA_KEY_FILE' }
/** Refusals of a login. */
const LOGIN_REFUSED = ['KafkaJSSASLAuthenticationError', 'TokenRefused', 'SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM']
const LOGIN_REMEDY = 'Correct RONDO_KAFKA_SASL, RONDO_KAFKA_USER and the password or token, or the user in Kafka, which must exist for this mechanism.'
/** Refusals of a request for which the user has no right, with what the right is for. */
const RIGHTS_MISSING = [
  ['TOPIC_AUTHORIZATION_FAILED', 'a topic'],
  ['GROUP_AUTHORIZATION_FAILED', 'a consumer group'],
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'a transactional id'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'the cluster'],
] as const
const RIGHTS_REMEDY = '--validate names each missing right, and rondo kafka acls prints the commands that give them.'
/** Brokers close a connection on which they expect TLS or a login. */
const CLOSED_REMEDY = 'Check that the Kafka brokers are up and can be reached; if they are, they may expect TLS or a login (RONDO_KAFKA_TLS, RONDO_KAFKA_SASL).'
const OUTAGE_REMEDY = 'Check that the Kafka brokers are up and can be reached.'

/** Whether a broker has answered that another owner initialised later. A rethrow by kafkajs has the answer as its cause. */
export function isFenced(failure: unknown): boolean {
  return typesOf(failure).some((type) => FENCED.has(type))
}

/** Whether the failure, or its cause, is of this kind. */
export function isOfType(failure: unknown, type: string): boolean {
  return typesOf(failure).includes(type)
}

/** The RondoError for an error of a Kafka client. `what` is a clause that names the work that failed. */
export function kafkaFailure(what: string, cause: unknown): RondoError {
  const causes = causesOf(cause)
  const own = causes.find((each) => each instanceof RondoError)
  if (own !== undefined) return own as RondoError
  const detail = hideSecrets((cause as KafkaFailure).message ?? String(cause))
  const refusal = refusalOf(causes, detail)
  if (refusal !== undefined) return new RondoError(refusal.code, `${what}: ${refusal.text}`, { cause, retriable: true })
  if (typesOf(cause).some((type) => TOO_LARGE.has(type))) {
    return new RondoError('RONDO_EVENT_TOO_LARGE', `${what}: a record is larger than the broker takes (${detail}). Send less in one event.`, { cause })
  }
  const refusedTime = REFUSED_TIMES.find(([type]) => isOfType(cause, type))
  if (refusedTime !== undefined) return new RondoError('RONDO_ARGUMENT_INVALID', `${what}: ${refusedTime[1]}`, { cause })
  const remedy = isOfType(cause, 'KafkaJSConnectionClosedError') ? CLOSED_REMEDY : OUTAGE_REMEDY
  return new RondoError('RONDO_LOG_UNAVAILABLE', `${what}: ${detail}. ${remedy}`, { cause, retriable: true })
}

/** What an operator must correct; undefined if the failure is of another kind. */
function refusalOf(causes: readonly KafkaFailure[], detail: string): Refusal | undefined {
  const types = causes.flatMap(typesIn)
  if (LOGIN_REFUSED.some((type) => types.includes(type)))
    return { code: 'RONDO_LOGIN_REFUSED', text: `the brokers refuse the login (${detail}). ${LOGIN_REMEDY}` }
  const right = RIGHTS_MISSING.find(([type]) => types.includes(type))
  if (right !== undefined) return { code: 'RONDO_RIGHT_MISSING', text: `the user lacks a right on ${right[1]} (${detail}). ${RIGHTS_REMEDY}` }
  for (const { code, broker } of causes) {
    const text = tlsRefusal(code, TLS_SETTINGS)
    if (text !== undefined) return { code: 'RONDO_CERTIFICATE_REFUSED', text: `at ${broker ?? 'a broker'}, ${text} (${detail})` }
  }
  return undefined
}

/** An error and its causes. kafkajs wraps an error a few times; the limit ends a circle of causes. */
function causesOf(failure: unknown): KafkaFailure[] {
  const causes: KafkaFailure[] = []
  let next = failure as KafkaFailure | undefined
  for (let depth = 0; next !== undefined && next !== null && depth < 6; depth++) {
    causes.push(next)
    next = (next.cause ?? next.originalError) as KafkaFailure | undefined
  }
  return causes
}

/** The names and types of an error and of its causes. */
function typesOf(failure: unknown): string[] {
  return causesOf(failure).flatMap(typesIn)
}

function typesIn({ type, name }: KafkaFailure): string[] {
  return [type, name].filter((text) => typeof text === 'string')
}
