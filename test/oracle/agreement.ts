import { type CycleDefinition, formatInstant, type LateRecord, type Output } from '#contracts'
import type { HistoryEntry } from './actor-history.ts'
import { addressedIdOf } from './addressing.ts'
import type { Feature } from './feature.ts'
import { type LogRecord, type OracleCounts, type OracleResult, oracle } from './oracle.ts'
import { compareUtf8 } from './utf8-order.ts'

/** A definition and one partition's log. */
export type Case = { definition: CycleDefinition; log: readonly LogRecord[] }

/** Folds a whole log and returns everything that it published, in order; also its counts, if it counts. */
export type RunFold = (
  definition: CycleDefinition,
  log: readonly LogRecord[],
) => { outputs: readonly Output[]; late: readonly LateRecord[]; counts?: OracleCounts }

/** Where the fold and the oracle disagree, and what the case contained. */
export type Agreement = { disagreements: string[]; features: Set<Feature> }

/** Compares a fold with the oracle. They agree if there are no disagreements; the features show what the case exercised. */
export function agree({ definition, log }: Case, runFold: RunFold): Agreement {
  const expected = oracle(definition, log)
  const { outputs, late, counts = expected.counts } = runFold(definition, log)
  const features = new Set(expected.features)
  if (outputs.some(({ kind }) => kind === 'retraction')) features.add('retraction')
  const countDefects = listDefects('counts', [JSON.stringify(expected.counts)], [JSON.stringify(counts)])
  const disagreements = [...publishingDefects(outputs, log), ...historyDefects(expected, effective(outputs)), ...lateDefects(expected, late), ...countDefects]
  return { features, disagreements }
}

/** The same records in two orders of arrival, none late in either. */
export type TwoOrders = Case & { other: readonly LogRecord[] }

/** Rule 10: the history does not depend on the order of arrival. */
export function agreeInBothOrders({ definition, log, other }: TwoOrders, runFold: RunFold): string[] {
  const [one, two] = [effective(runFold(definition, log).outputs), effective(runFold(definition, other).outputs)]
  const actors = new Set([...one.keys(), ...two.keys()])
  return [...actors].flatMap((actor) => {
    const [first, second] = [one, two].map((histories) => (histories.get(actor) ?? []).map(line)) as [string[], string[]]
    return listDefects(`actor ${JSON.stringify(actor)}`, first, second, ['the first order', 'the second'])
  })
}

/** The outputs that remain after retractions, by actor. */
export function effective(outputs: readonly Output[]): Map<string, Output[]> {
  const effective = new Map<string, Output[]>()
  for (const output of outputs) {
    const remaining = effective.get(output.actor.id) ?? []
    effective.set(output.actor.id, output.kind === 'retraction' ? remaining.filter(({ id }) => id !== output.retracts) : [...remaining, output])
  }
  return effective
}

/** One line for each output, ordered by actor and seq, with the parts that two folds must have in common. */
export function publishedLines(outputs: readonly Output[]): string[] {
  const names = new Map(outputs.map(({ id, actor, seq }) => [id, `${actor.id} ${seq}`]))
  const nameOf = (id: string | undefined): string | undefined => (id === undefined ? undefined : names.get(id))
  return outputs
    .toSorted((a, b) => compareUtf8(a.actor.id, b.actor.id) || a.seq - b.seq)
    .map((output) => {
      const { id, noticedAt, dwellMs, cause, kind, origin, because, corrects, retracts } = output
      // If an event out of order adds an output without a retraction, the oracle does not know the cause.
      const causingEvent = kind === 'retraction' ? because : undefined
      return JSON.stringify([nameOf(id), line(output), cause, noticedAt, dwellMs, origin, causingEvent, nameOf(corrects), nameOf(retracts)])
    })
}

/** Checks the outputs without the oracle: seq has no gaps, ids are unique, and every retraction retracts the newest output in effect. */
function publishingDefects(outputs: readonly Output[], log: readonly LogRecord[]): string[] {
  const eventIds = new Set(log.flatMap((record) => ('record' in record ? [] : [record.id, addressedIdOf(record)])))
  const ids = new Set<string>()
  const published = new Map<string, OfActor>()
  return outputs.flatMap((output) => {
    const ofActor = published.get(output.actor.id) ?? { seq: 0, effective: [], retraction: undefined }
    published.set(output.actor.id, ofActor)
    ofActor.seq += 1
    const retracts = output.kind === 'retraction'
    const defects = [
      ...(output.seq === ofActor.seq ? [] : [`expected seq ${ofActor.seq}`]),
      ...nameDefects(output, ids, eventIds),
      ...(retracts
        ? retractionDefects(output, ofActor.effective.at(-1))
        : [...dwellDefects(output, ofActor.effective), ...correctionDefects(output, ofActor.retraction)]),
    ]
    if (retracts) {
      ofActor.effective.pop()
      ofActor.retraction = output
    } else ofActor.effective.push(output)
    ids.add(output.id)
    return defects.map((defect) => `output ${output.seq} of actor ${JSON.stringify(output.actor.id)}: ${defect}`)
  })
}

/** The outputs of an actor up to now: the last seq, the outputs in effect, and the last retraction. */
type OfActor = { seq: number; effective: Output[]; retraction: Output | undefined }

function nameDefects({ id, because, corrects }: Output, ids: ReadonlySet<string>, eventIds: ReadonlySet<string>): string[] {
  const defects = ids.has(id) ? [`its id ${id} is also the id of an earlier output`] : []
  if (because !== undefined && !eventIds.has(because)) defects.push('because is not the id of an event of the log')
  if (corrects !== undefined && !ids.has(corrects)) defects.push('corrects is not the id of an earlier output')
  return defects
}

function retractionDefects(retraction: Output, newest: Output | undefined): string[] {
  if (newest === undefined) return ['retracts although no output is in effect']
  if (retraction.retracts !== newest.id) return ['does not retract the newest output in effect']
  const copiedKeys = ['from', 'to', 'at', 'rule', 'cause'] as const
  const defects = copiedKeys.filter((key) => retraction[key] !== newest[key]).map((key) => `${key} differs from the retracted output`)
  return retraction.because === undefined ? [...defects, 'has no because'] : defects
}

/** Outputs that an event causes beside retractions correct the oldest retracted output, which is retracted last. */
function correctionDefects({ because, corrects }: Output, retraction: Output | undefined): string[] {
  const corrected = because !== undefined && retraction?.because === because ? retraction.retracts : undefined
  return corrects === corrected ? [] : [`corrects ${corrects}, not ${corrected}`]
}

/** The dwell time counts from the transition into the stage. */
function dwellDefects(output: Output, effective: readonly Output[]): string[] {
  const entering = effective.findLast(({ kind }) => kind !== 'notice')
  const dwell = entering === undefined ? null : Date.parse(output.at) - Date.parse(entering.at)
  const defects = output.dwellMs === dwell ? [] : [`dwellMs is ${output.dwellMs}, not ${dwell}`]
  if (output.from !== (entering?.to ?? 'start')) defects.push(`leaves ${output.from}, but the actor is in ${entering?.to ?? 'start'}`)
  return Date.parse(output.noticedAt) < Date.parse(output.at) ? [...defects, 'has a noticedAt before its at'] : defects
}

function historyDefects(expected: OracleResult, actual: Map<string, Output[]>): string[] {
  const actors = new Set([...expected.actors.keys(), ...actual.keys()])
  return [...actors].flatMap((actor) => {
    const wanted = (expected.actors.get(actor)?.entries ?? []).map(wantedLine)
    const got = (actual.get(actor) ?? []).map(line)
    return listDefects(`actor ${JSON.stringify(actor)}`, wanted, got)
  })
}

function lateDefects(expected: OracleResult, late: readonly LateRecord[]): string[] {
  const wanted = expected.late.map(({ actor, id, reason, logTime }) =>
    JSON.stringify([actor, id, reason, Number.isFinite(logTime) ? formatInstant(logTime) : null]),
  )
  const got = late.map(({ event, addressed = event.actor, reason, logTime }) => JSON.stringify([addressed.id, event.id, reason, logTime]))
  return listDefects('late', wanted, got)
}

/** The fields of outputs that both implementations must agree on. */
type Compared = Pick<Output, 'kind' | 'from' | 'to' | 'at' | 'rule' | 'cause'>
const line = ({ kind, from, to, at, rule, cause }: Compared): string => `${at} ${kind} ${from} -> ${to} by ${rule} for ${cause}`
const wantedLine = (entry: HistoryEntry): string => line({ ...entry, at: formatInstant(entry.at) })

function listDefects(subject: string, wanted: readonly string[], got: readonly string[], names: [string, string] = ['the oracle', 'the fold']): string[] {
  const length = Math.max(wanted.length, got.length)
  return Array.from({ length }, (_, index) => index)
    .filter((index) => wanted[index] !== got[index])
    .map((index) => `${subject}, ${index + 1}: ${names[0]} has ${wanted[index] ?? 'nothing'}, ${names[1]} ${got[index] ?? 'nothing'}`)
}
