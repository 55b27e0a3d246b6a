import { z } from 'zod'
import { activityEventSchema, adminRecordSchema, controlRecordSchema, lateRecordSchema, outputSchema, quarantineRecordSchema } from '#contracts'

type Json = Readonly<Record<string, unknown>>

/** A topic of Kafka, as programs of others see it. */
interface Topic {
  readonly title: string
  readonly description: string
  /** Whether each cycle has one of its own. */
  readonly perCycle: boolean
  readonly compacted?: boolean
  /** What a record has; a topic without it is of Rondo alone, and may change with any release. */
  readonly record?: TopicRecord
}
/** A record of a topic. */
interface TopicRecord {
  readonly name: string
  readonly title: string
  readonly contentType: string
  readonly schemas: Readonly<Record<string, z.ZodType>>
  /** What the key of a record is; records without it have none. */
  readonly key?: string
  readonly headers: Json
}

const JSON_TYPE = 'application/json'
const text = (description: string): Json => ({ type: 'string', description })
const TRACE = { traceparent: text('the traces that the record belongs to (W3C Trace Context), where tracing is on; it may be repeated') }
const SCHEMA = { schema: { type: 'string', const: '1', description: 'the version of the JSON; another number means another schema' } }
const INTERNAL = 'Of Rondo alone: its records may change with any release.'

/** The topics in the order of the flow. */
const topics: Readonly<Record<string, Topic>> = {
  writers: { title: 'Which writers are live', description: `Heartbeats of the processes that write activity. ${INTERNAL}`, perCycle: false, compacted: true },
  activity: {
    title: 'Events that came in',
    description:
      'Frames: a record has one or more lines of JSON, each an event or a control record, which has the field `record`. Ingest chooses the partition by the actor. Only Rondo writes here; programs send events over HTTP, or to a topic that is a source.',
    perCycle: false,
    record: {
      name: 'frame',
      title: 'A frame, each line of which has this form',
      contentType: 'application/x-ndjson',
      schemas: { activityEvent: activityEventSchema, controlRecord: controlRecordSchema },
      headers: TRACE,
    },
  },
  transitions: {
    title: 'The feed',
    description:
      'Transitions, notices and retractions of a cycle, each once, in the order of each actor. They are written in transactions: read with isolation.level=read_committed.',
    perCycle: true,
    record: {
      name: 'output',
      title: 'An output',
      contentType: JSON_TYPE,
      schemas: { output: outputSchema },
      key: 'the id of the actor',
      headers: { ...SCHEMA, ...TRACE },
    },
  },
  late: {
    title: 'Events that came too late to be applied',
    description: 'Each has its reason. They are written in transactions: read with isolation.level=read_committed.',
    perCycle: true,
    record: {
      name: 'late',
      title: 'A late event',
      contentType: JSON_TYPE,
      schemas: { lateRecord: lateRecordSchema },
      key: 'the id of the actor',
      headers: SCHEMA,
    },
  },
  quarantine: {
    title: 'Refused events',
    description: 'What was refused, as it came, with the reason; kept for 30 days unless an operator changes that.',
    perCycle: false,
    record: { name: 'refused', title: 'A refused event', contentType: JSON_TYPE, schemas: { quarantineRecord: quarantineRecordSchema }, headers: SCHEMA },
  },
  checkpoints: { title: 'States of actors', description: `What a new owner of a partition restores. ${INTERNAL}`, perCycle: true, compacted: true },
  names: { title: 'Names of events', description: `How many events of each name there are. ${INTERNAL}`, perCycle: true, compacted: true },
  control: {
    title: 'Administrative acts',
    description: 'The audit log: keys, the tracking plan, receipts of quarantine, reloads.',
    perCycle: false,
    record: { name: 'act', title: 'An administrative act', contentType: JSON_TYPE, schemas: { adminRecord: adminRecordSchema }, headers: {} },
  },
}

/** The names of the described topics, without prefix and cycle. */
export const describedTopics: readonly string[] = Object.keys(topics)

const prefix: Json = { description: 'RONDO_PREFIX of the deployment', default: '' }
const ofCycle: Json = {
  description: 'empty for the first cycle of the deployment, else a dot and the name of the cycle',
  default: '',
  examples: ['', '.musician'],
}

/** The AsyncAPI 3 document of the topics of Rondo on Kafka. @param version of Rondo */
export function asyncApiDocument(version: string): Json {
  const described = Object.entries(topics)
  const records = described.flatMap(([topic, { record }]) => (record === undefined ? [] : [{ topic, record }]))
  const schemas = Object.assign({}, ...records.map(({ record }) => record.schemas)) as Readonly<Record<string, z.ZodType>>
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rondo on Kafka',
      version,
      description:
        'The topics of a deployment. All but `writers` and `control` have the same number of partitions: what follows from partition n of `activity` is in partition n.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: JSON_TYPE,
    channels: Object.fromEntries(described.map(([name, topic]) => [name, channelOf(name, topic)])),
    operations: Object.fromEntries(records.map(({ topic, record }) => [`${topic}.${record.name}`, operationOf(topic, record)])),
    components: {
      messages: Object.fromEntries(records.map(({ record }) => [record.name, messageOf(record)])),
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
    },
  }
}

function channelOf(name: string, { title, description, perCycle, compacted = false, record }: Topic): Json {
  return {
    address: `{prefix}${name}${perCycle ? '{cycle}' : ''}`,
    title,
    description,
    parameters: { prefix, ...(perCycle ? { cycle: ofCycle } : {}) },
    messages: record === undefined ? {} : { [record.name]: { $ref: `#/components/messages/${record.name}` } },
    bindings: { kafka: { topicConfiguration: { 'cleanup.policy': [compacted ? 'compact' : 'delete'] }, bindingVersion: '0.5.0' } },
  }
}

function messageOf({ name, title, contentType, schemas, key, headers }: TopicRecord): Json {
  const references = Object.keys(schemas).map((schema) => ({ $ref: `#/components/schemas/${schema}` }))
  return {
    name,
    title,
    contentType,
    payload: references.length === 1 ? references[0] : { oneOf: references },
    ...(Object.keys(headers).length === 0 ? {} : { headers: { type: 'object', properties: headers } }),
    ...(key === undefined ? {} : { bindings: { kafka: { key: text(key), bindingVersion: '0.5.0' } } }),
  }
}

/** Rondo sends them; others receive. */
function operationOf(topic: string, { name, title }: TopicRecord): Json {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${topic}` },
    title,
    messages: [{ $ref: `#/channels/${topic}/messages/${name}` }],
  }
}

/** AsyncAPI's own format of schemas is draft 7. Fields with a default may be missing in a record, as in docs/reference/schemas. */
function jsonSchemaOf(schema: z.ZodType): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
  return json
}
