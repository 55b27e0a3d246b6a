import { RondoError } from '#contracts'

/** The fields of errors of kafkajs that are read here. */
interface KafkaFailure {
  readonly name?: string
  readonly type?: string
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
  if (cause instanceof RondoError) return cause
  const detail = (cause as KafkaFailure).message ?? String(cause)
  if (typesOf(cause).some((type) => TOO_LARGE.has(type))) {
    return new RondoError('RONDO_EVENT_TOO_LARGE', `${what}: a record is larger than the broker takes (${detail}). Send less in one event.`, { cause })
  }
  const refusedTime = REFUSED_TIMES.find(([type]) => isOfType(cause, type))
  if (refusedTime !== undefined) return new RondoError('RONDO_ARGUMENT_INVALID', `${what}: ${refusedTime[1]}`, { cause })
  return new RondoError('RONDO_LOG_UNAVAILABLE', `${what}: ${detail}. Check that the Kafka brokers are up and can be reached.`, { cause, retriable: true })
}

/** The names and types of an error and of its causes. kafkajs wraps an error a few times; the limit ends a circle of causes. */
function typesOf(failure: unknown): string[] {
  const types: string[] = []
  let next = failure as KafkaFailure | undefined
  for (let depth = 0; next !== undefined && next !== null && depth < 6; depth++) {
    if (typeof next.type === 'string') types.push(next.type)
    if (typeof next.name === 'string') types.push(next.name)
    next = (next.cause ?? next.originalError) as KafkaFailure | undefined
  }
  return types
}
