import { createHash } from 'node:crypto'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { randomId } from '#runtime'
import { freePorts } from '../../../scripts/local/free-port.ts'
import { LocalRedis } from '../../../scripts/local/redis.ts'
import type { Figure } from '../figure.ts'
import { FRAME_EVENTS, type Population, populationEvents, writeFrames, writeRecords } from './backlog.ts'
import type { BenchBroker } from './bench-broker.ts'
import { buildHandler, buildStreams, startHandler, startProcessor, startStreams } from './cases.ts'
import { type Lap, race } from './race.ts'

const ACTORS = 100_000

/** The number of rounds, and the numbers of events of each case in a round. */
export interface DuelSize {
  readonly rounds: number
  /** The number of events before the measurement: each actor has one event, and frequent code is compiled. */
  readonly warmUp: number
  readonly rondo: number
  readonly streams: number
  readonly records: number
}
/** The number of events with which each case is busy for about ten seconds on two cores. */
export const whole: DuelSize = { rounds: 3, warmUp: 400_000, rondo: 1_700_000, streams: 1_100_000, records: 1_000_000 }
/** The numbers for a short trial. */
export const brief: DuelSize = { rounds: 1, warmUp: 200_000, rondo: 800_000, streams: 500_000, records: 450_000 }

const HANDLER = { actors: 2000, warmUp: 8000, events: { batch: 60_000, message: 25_000 } }
const LEAD_IN = { actors: 20_000, events: 180_000 }
/** The share of events with a transition for which the targets hold. The other one shows what transitions cost. */
const MAIN_SHARE = 0.02

/** The laps of all cases. */
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
export async function duel(bench: BenchBroker, share: number, size: DuelSize): Promise<Figure[]> {
  buildStreams()
  await buildHandler()
  await leadIn(bench, share)
  return figuresOf(share, await duelAt(bench, share, size))
}

/** Runs a short turn that warms up the broker and checks that both cases publish the same transitions. */
async function leadIn(bench: BenchBroker, share: number): Promise<void> {
  const settings = await writeBacklog(bench, `lead-in-${share}`, { ...LEAD_IN, share })
  await race(bench, rondo(settings, 0))
  const application = await streams(bench, `${settings.prefix}activity`, FRAME_EVENTS)
  await race(bench, { ...application, warmUp: 0 })
  const [ours, theirs] = [await digest(bench, `${settings.prefix}transitions`), await digest(bench, application.output)]
  if (ours !== theirs) throw new TypeError(`Rondo and Kafka Streams do not make the same transitions of the same events: ${ours}, ${theirs}`)
  await bench.deleteTopics((topic) => topic.startsWith(`${settings.prefix}`) || topic.startsWith(application.group))
}

async function duelAt(bench: BenchBroker, share: number, size: DuelSize): Promise<Laps> {
  const laps: Laps = { rondo: [], frames: [], records: [], handler: [], perMessage: [] }
  const settings = await writeBacklog(bench, `duel-${share}`, { actors: ACTORS, share, events: size.rondo - ACTORS })
  await bench.createTopic('records')
  await writeRecords(bench.producer, 'records', populationEvents({ actors: ACTORS, share, events: size.records - ACTORS }))
  for (let round = 0; round < size.rounds; round++) {
    const turn = { ...settings, group: randomId() }
    await bench.forgetOutputs(turn)
    laps.rondo.push(await race(bench, rondo(turn, size.warmUp)))
    laps.frames.push(await streamsLap(bench, `${settings.prefix}activity`, FRAME_EVENTS, size))
    // The slow cases have one turn, or the run would take an hour.
    if (round === 0) laps.records.push(await streamsLap(bench, 'records', RECORD_EVENTS, size))
    if (round === 0 || share === MAIN_SHARE) laps.handler.push(await handlerLap(bench, share, 'batch'))
    if (round === 0) laps.perMessage.push(await handlerLap(bench, share, 'message'))
  }
  await bench.deleteTopics((topic) => topic.startsWith(settings.prefix ?? '') || topic === 'records')
  return laps
}

/** The average number of events in a record, because one record in FRAME_EVENTS + 1 is a tick. */
const RECORD_EVENTS = FRAME_EVENTS / (FRAME_EVENTS + 1)

async function writeBacklog(bench: BenchBroker, name: string, population: Population): Promise<KafkaSettings> {
  const settings = bench.settings(name)
  await writeFrames(await openKafkaLog(settings), populationEvents(population))
  return settings
}

function rondo(settings: KafkaSettings, warmUp: number) {
  const { group, prefix } = settings
  return { topic: `${prefix}activity`, group, warmUp: warmUp / FRAME_EVENTS, eventsARecord: FRAME_EVENTS, start: () => [startProcessor(settings)] }
}

async function streams(bench: BenchBroker, topic: string, eventsARecord: number) {
  const group = `streams-${randomId()}`
  const output = `${group}-transitions`
  await bench.createTopic(output)
  return { topic, group, output, eventsARecord, start: () => [startStreams(bench, group, { input: topic, output })] }
}

async function streamsLap(bench: BenchBroker, topic: string, eventsARecord: number, size: DuelSize): Promise<Lap> {
  const turn = { ...(await streams(bench, topic, eventsARecord)), warmUp: size.warmUp / eventsARecord }
  const lap = await race(bench, eventsARecord > 1 ? { ...turn, until: size.streams / eventsARecord } : turn)
  await bench.deleteTopics((name) => name.startsWith(turn.group))
  return lap
}

async function handlerLap(bench: BenchBroker, share: number, commits: 'batch' | 'message'): Promise<Lap> {
  const [topic, output] = ['handler.activity', 'handler.transitions']
  await bench.createTopic(topic)
  await bench.createTopic(output)
  const { actors, events, warmUp } = HANDLER
  await writeRecords(bench.producer, topic, populationEvents({ actors, share, events: events[commits] - actors }))
  const [port = 0] = await freePorts(1)
  const redis = await LocalRedis.start(port)
  const group = randomId()
  const start = () => [startHandler(bench, { group, redisUrl: redis.url, commits })]
  const lap = await race(bench, { topic, group, warmUp: warmUp / RECORD_EVENTS, eventsARecord: RECORD_EVENTS, start })
  await redis.stop()
  await bench.deleteTopics((name) => name === topic || name === output)
  return lap
}

/** A hash of the transitions of a topic, independent of the order of actors. */
async function digest(bench: BenchBroker, topic: string): Promise<string> {
  let [count, sum] = [0, 0n]
  for await (const text of bench.records(topic)) {
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
