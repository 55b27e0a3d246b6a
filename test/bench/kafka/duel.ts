import { createHash } from 'node:crypto'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { randomId } from '#runtime'
import { freePorts } from '../../../scripts/local/free-port.ts'
import { LocalRedis } from '../../../scripts/local/redis.ts'
import type { Figure } from '../figure.ts'
import { FRAME_EVENTS, type Population, populationEvents, writeFrames, writeRecords } from './backlog.ts'
import { buildHandler, buildStreams, startHandler, startProcessor, startStreams } from './contestants.ts'
import { type Lap, race } from './race.ts'
import type { Stage } from './stage.ts'

const ACTORS = 100_000

/** The number of rounds, and the numbers of events of each contestant in a round. */
export interface DuelSize {
  readonly rounds: number
  /** The number of events before the measurement: each actor has one event, and frequent code is compiled. */
  readonly warmUp: number
  readonly rondo: number
  readonly streams: number
  readonly records: number
}
/** The number of events with which each contestant is busy for about ten seconds on two cores. */
export const whole: DuelSize = { rounds: 3, warmUp: 400_000, rondo: 1_700_000, streams: 1_100_000, records: 1_000_000 }
/** The numbers for a short trial. */
export const brief: DuelSize = { rounds: 1, warmUp: 200_000, rondo: 800_000, streams: 500_000, records: 450_000 }

const HANDLER = { actors: 2000, warmUp: 8000, events: { batch: 60_000, message: 25_000 } }
const LEAD_IN = { actors: 20_000, events: 180_000 }
/** The share of events with a transition for which the targets hold. The other one shows what transitions cost. */
const MAIN_SHARE = 0.02

/** The laps of all contestants. */
interface Laps {
  readonly rondo: Lap[]
  readonly frames: Lap[]
  readonly records: Lap[]
  /** The turns of the handler that commits offsets after each batch. */
  readonly handler: Lap[]
  /** The turns of the handler that commits its offset after each message. */
  readonly perMessage: Lap[]
}

/** Rondo and its peers, one after the other on one broker, in rounds. @param share of the events that lead to a transition */
export async function duel(stage: Stage, share: number, size: DuelSize): Promise<Figure[]> {
  buildStreams()
  await buildHandler()
  await leadIn(stage, share)
  return figuresOf(share, await duelAt(stage, share, size))
}

/** Runs a short turn that warms up the broker and checks that both contestants publish the same transitions. */
async function leadIn(stage: Stage, share: number): Promise<void> {
  const settings = await writeBacklog(stage, `lead-in-${share}`, { ...LEAD_IN, share })
  await race(stage, rondo(settings, 0))
  const application = await streams(stage, `${settings.prefix}activity`, FRAME_EVENTS)
  await race(stage, { ...application, warmUp: 0 })
  const [ours, theirs] = [await digest(stage, `${settings.prefix}transitions`), await digest(stage, application.output)]
  if (ours !== theirs) throw new TypeError(`Rondo and Kafka Streams do not make the same transitions of the same events: ${ours}, ${theirs}`)
  await stage.deleteTopics((topic) => topic.startsWith(`${settings.prefix}`) || topic.startsWith(application.group))
}

async function duelAt(stage: Stage, share: number, size: DuelSize): Promise<Laps> {
  const laps: Laps = { rondo: [], frames: [], records: [], handler: [], perMessage: [] }
  const settings = await writeBacklog(stage, `duel-${share}`, { actors: ACTORS, share, events: size.rondo - ACTORS })
  await stage.createTopic('records')
  await writeRecords(stage.producer, 'records', populationEvents({ actors: ACTORS, share, events: size.records - ACTORS }))
  for (let round = 0; round < size.rounds; round++) {
    const turn = { ...settings, group: randomId() }
    await stage.forgetOutputs(turn)
    laps.rondo.push(await race(stage, rondo(turn, size.warmUp)))
    laps.frames.push(await streamsLap(stage, `${settings.prefix}activity`, FRAME_EVENTS, size))
    // The slow contestants have one turn, or the run would take an hour.
    if (round === 0) laps.records.push(await streamsLap(stage, 'records', RECORD_EVENTS, size))
    if (round === 0 || share === MAIN_SHARE) laps.handler.push(await handlerLap(stage, share, 'batch'))
    if (round === 0) laps.perMessage.push(await handlerLap(stage, share, 'message'))
  }
  await stage.deleteTopics((topic) => topic.startsWith(settings.prefix ?? '') || topic === 'records')
  return laps
}

/** The average number of events in a record, because one record in FRAME_EVENTS + 1 is a tick. */
const RECORD_EVENTS = FRAME_EVENTS / (FRAME_EVENTS + 1)

async function writeBacklog(stage: Stage, name: string, population: Population): Promise<KafkaSettings> {
  const settings = stage.settings(name)
  await writeFrames(await openKafkaLog(settings), populationEvents(population))
  return settings
}

function rondo(settings: KafkaSettings, warmUp: number) {
  const { group, prefix } = settings
  return { topic: `${prefix}activity`, group, warmUp: warmUp / FRAME_EVENTS, eventsARecord: FRAME_EVENTS, start: () => [startProcessor(settings)] }
}

async function streams(stage: Stage, topic: string, eventsARecord: number) {
  const group = `streams-${randomId()}`
  const output = `${group}-transitions`
  await stage.createTopic(output)
  return { topic, group, output, eventsARecord, start: () => [startStreams(stage, group, { input: topic, output })] }
}

async function streamsLap(stage: Stage, topic: string, eventsARecord: number, size: DuelSize): Promise<Lap> {
  const turn = { ...(await streams(stage, topic, eventsARecord)), warmUp: size.warmUp / eventsARecord }
  const lap = await race(stage, eventsARecord > 1 ? { ...turn, until: size.streams / eventsARecord } : turn)
  await stage.deleteTopics((name) => name.startsWith(turn.group))
  return lap
}

async function handlerLap(stage: Stage, share: number, commits: 'batch' | 'message'): Promise<Lap> {
  const [topic, output] = ['handler.activity', 'handler.transitions']
  await stage.createTopic(topic)
  await stage.createTopic(output)
  const { actors, events, warmUp } = HANDLER
  await writeRecords(stage.producer, topic, populationEvents({ actors, share, events: events[commits] - actors }))
  const [port = 0] = await freePorts(1)
  const redis = await LocalRedis.start(port)
  const group = randomId()
  const start = () => [startHandler(stage, { group, redisUrl: redis.url, commits })]
  const lap = await race(stage, { topic, group, warmUp: warmUp / RECORD_EVENTS, eventsARecord: RECORD_EVENTS, start })
  await redis.stop()
  await stage.deleteTopics((name) => name === topic || name === output)
  return lap
}

/** A hash of the transitions of a topic, independent of the order of actors. */
async function digest(stage: Stage, topic: string): Promise<string> {
  let [count, sum] = [0, 0n]
  for await (const text of stage.records(topic)) {
    const { actor, seq, kind, from, to, rule, at } = JSON.parse(text)
    const hash = createHash('sha256')
      .update(JSON.stringify([actor.id, seq, kind, from, to, rule, at]))
      .digest()
    sum = BigInt.asUintN(64, sum + hash.readBigUInt64LE())
    count += 1
  }
  return `${count} ${sum.toString(16)}`
}

function figuresOf(share: number, laps: Laps): Figure[] {
  const at = `${share * 100} % outputs`
  const ratios = (peer: readonly Lap[]): number[] => peer.map((lap, round) => (laps.rondo[round]?.eventsPerS ?? Number.NaN) / lap.eventsPerS)
  const target = { atLeast: share === MAIN_SHARE ? 2.5 : 2 }
  const handlerTarget = share === MAIN_SHARE ? { target: { atLeast: 80 } } : {}
  const rates = (of: readonly Lap[]): number[] => of.map(({ eventsPerS }) => eventsPerS)
  return [
    { what: `Rondo, one process, ${at}`, unit: 'events/s', samples: rates(laps.rondo) },
    { what: `Kafka Streams, the same frames, ${at}`, unit: 'events/s', samples: rates(laps.frames) },
    { what: `Kafka Streams, one event a record, ${at}`, unit: 'events/s', samples: rates(laps.records) },
    { what: `handler, ${at}`, unit: 'events/s', samples: rates(laps.handler) },
    { what: `handler, a commit after each message, ${at}`, unit: 'events/s', samples: rates(laps.perMessage) },
    { what: `Rondo / Kafka Streams with frames, ${at}`, unit: 'times', samples: ratios(laps.frames), target },
    { what: `Rondo / Kafka Streams with one event a record, ${at}`, unit: 'times', samples: ratios(laps.records), target },
    { what: `Rondo / handler, ${at}`, unit: 'times', samples: ratios(laps.handler), ...handlerTarget },
    { what: `Rondo / handler with a commit after each message, ${at}`, unit: 'times', samples: ratios(laps.perMessage), ...handlerTarget },
    ...costs('Rondo', at, laps.rondo),
    ...costs('Kafka Streams with frames', at, laps.frames),
    ...costs('handler', at, laps.handler),
  ]
}

function costs(who: string, at: string, laps: readonly Lap[]): Figure[] {
  return [
    { what: `${who}, processor time, ${at}`, unit: 'µs an event', samples: laps.map(({ ownMsPerK }) => ownMsPerK) },
    { what: `broker beside ${who}, processor time, ${at}`, unit: 'µs an event', samples: laps.map(({ brokerMsPerK }) => brokerMsPerK) },
    { what: `${who}, broker writes, ${at}`, unit: 'bytes an event', samples: laps.map(({ bytesAnEvent }) => bytesAnEvent) },
  ]
}
