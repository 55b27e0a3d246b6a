import type { Producer } from 'kafkajs'
import { type KafkaLog, partitionOf } from '#event-log'
import { DAY_MS, frameOf, Load, openLine, tickLine } from '../load.ts'

/** The time of the first event, years ago, because events that are later than their append are refused. */
const START = Date.UTC(2016, 0, 1)

/** The number of events in a frame of ingest at about ten thousand events a second. Each frame ends with a tick. */
export const FRAME_EVENTS = 100
const APPEND_FRAMES = 50
const RECORDS_A_SEND = 2500

/** The actors and events of a backlog. */
export interface Population {
  readonly actors: number
  /** The share of events that lead to a transition. Half of them are returns, each after an absence. */
  readonly share: number
  /** The number of events after the first event of each actor. */
  readonly events: number
}

/** An entry of the log with its actor and time. */
export interface TimedLine {
  readonly line: string
  readonly actor: string
  readonly time: number
}

const ABSENCE_DAYS = 30
const ACTOR = '"actor":{"type":"user","id":"'

/**
 * Events of actors that are independent of each other. First each actor has one event. After that the share of
 * events with a transition is constant, because the chance that a gap is longer than the absence is half of this
 * share.
 */
export function* populationEvents({ actors, share, events }: Population): Generator<TimedLine> {
  const meanGapDays = -ABSENCE_DAYS / Math.log(share / 2)
  const load = new Load({ actors })
  for (let i = 0; i < actors; i++) {
    const time = Math.floor(START + meanGapDays * DAY_MS * Math.log((i + 0.5) / actors))
    yield timed(load.inTurn(time), time)
  }
  for (let n = 0; n < events; n++) {
    const time = Math.floor(START + (meanGapDays * DAY_MS * n) / actors)
    yield timed(load.byChance(time), time)
  }
}

function timed(line: string, time: number): TimedLine {
  const from = line.indexOf(ACTOR) + ACTOR.length
  return { line, actor: line.slice(from, line.indexOf('"', from)), time }
}

/** Writes events into the log as ingest does: in frames by partition, each with a tick after it. */
export async function writeFrames(log: KafkaLog, events: Iterable<TimedLine>): Promise<void> {
  const writer = log.writer()
  const lines: string[][] = Array.from({ length: writer.partitions }, () => [])
  const frames: string[][] = Array.from({ length: writer.partitions }, () => [])
  for (const { line, actor, time } of events) {
    const partition = partitionOf(actor, writer.partitions)
    const waiting = lines[partition] as string[]
    const packed = frames[partition] as string[]
    if (waiting.length === 0 && packed.length === 0) waiting.push(openLine(time))
    waiting.push(line)
    if (waiting.length < FRAME_EVENTS) continue
    packed.push(frameOf(waiting.splice(0), time))
    if (packed.length >= APPEND_FRAMES) await writer.append(partition, packed.splice(0))
  }
  for (const [partition, packed] of frames.entries()) {
    const rest = lines[partition] as string[]
    if (rest.length > 0) packed.push(rest.join('\n'))
    await writer.append(partition, packed)
  }
  await writer.close()
}

/** Writes the same events as single records with the actor as key, with a tick after as many events as a frame has. */
export async function writeRecords(producer: Producer, topic: string, events: Iterable<TimedLine>): Promise<void> {
  let messages: { key: string | null; value: string }[] = []
  let sinceTick = 0
  for (const { line, actor, time } of events) {
    messages.push({ key: actor, value: line })
    if (++sinceTick === FRAME_EVENTS) {
      messages.push({ key: null, value: tickLine(time) })
      sinceTick = 0
    }
    if (messages.length < RECORDS_A_SEND) continue
    await producer.send({ topic, acks: -1, messages })
    messages = []
  }
  if (messages.length > 0) await producer.send({ topic, acks: -1, messages })
}
