import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { type ActivityEvent, type CycleDefinition, formatInstant, instantOf, type LateReason, measureKindNames, type Output, type Scenario } from '#contracts'
import { formatDefect, readDefinition, runScenarios } from '#cycle'
import { agree } from '../oracle/agreement.ts'
import { runFold } from '../oracle/fold-runs.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { checkScenario } from '../oracle/scenarios.ts'

// Runs the examples of docs/reference/semantics.md, rules 1 to 22, with libs/cycle and with the oracle.

/** A record of a partition's log in the form of the page. */
interface LogLine {
  readonly record?: 'writer.open' | 'writer.close' | 'tick' | 'backfill.begin' | 'backfill.end'
  readonly writer?: string
  readonly event?: string
  readonly actor?: string
  readonly id?: string
  readonly at?: string
  readonly arrives?: string
  readonly properties?: Readonly<Record<string, unknown>>
  /** Log time after this record. */
  readonly T?: string
}

/** An output as an example writes it; numbers stand for the ids of other outputs. */
type OutputLine = Omit<Partial<Output>, 'actor' | 'retracts' | 'corrects'> & { readonly actor?: string; readonly retracts?: number; readonly corrects?: number }

/** A code block of the page: scenarios, or a log with what follows from it. */
interface Example {
  readonly scenarios?: readonly Scenario[]
  readonly log?: readonly LogLine[]
  readonly outputs?: readonly OutputLine[]
  readonly late?: readonly { readonly id: string; readonly reason: LateReason }[]
  readonly errors?: readonly string[]
}

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/semantics.md'), 'utf8')
const blocksOf = (text: string): string[] => [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block)
const [base = ''] = blocksOf(page)
const sections = page.split(/^### /m).slice(1)
const examples = sections.flatMap((section) => blocksOf(section).map((block, index) => ({ title: `${section.split('\n', 1)[0]}, ${index + 1}`, block })))

/** The page's definition with the keys that an example gives. */
function definitionText(block: string): string {
  const { log: _, outputs: __, late: ___, errors: ____, ...keys } = parse(block) as Example
  return stringify({ ...(parse(base) as object), ...keys })
}

function definitionOf(block: string): CycleDefinition {
  const { definition, defects } = readDefinition(definitionText(block), 'semantics.md')
  expect(defects.filter(({ severity }) => severity === 'error').map(formatDefect)).toEqual([])
  return definition as CycleDefinition
}

const ACTOR = 'ann'

const canonical = (text: string): string => formatInstant(instantOf(text))

function recordOf(
  { record, writer = 'w', event: name, actor = ACTOR, id, at = '2026-01-01T00:00Z', arrives = at, properties }: LogLine,
  index: number,
): LogRecord {
  const time = canonical(at)
  if (record !== undefined) return { record, writer, time }
  const event = { id: id ?? `e${index}`, type: 'track', event: name, actor: { type: 'user', id: actor }, time, receivedAt: canonical(arrives) }
  return { ...event, ...(properties === undefined ? {} : { properties }) } as ActivityEvent
}

/** An output in the form of the page: with the keys that the line has. */
function asWritten(line: OutputLine, output: Output | undefined, outputs: readonly Output[]): unknown {
  if (output === undefined) return undefined
  const seqOf = (id: string | undefined): number | undefined => outputs.find((other) => other.id === id)?.seq
  const written: Record<string, unknown> = { ...output, actor: output.actor.id, retracts: seqOf(output.retracts), corrects: seqOf(output.corrects) }
  return Object.fromEntries(Object.keys(line).map((key) => [key, written[key]]))
}

const expected = ({ at, noticedAt, ...line }: OutputLine): object => ({
  ...line,
  ...(at === undefined ? {} : { at: canonical(at) }),
  ...(noticedAt === undefined ? {} : { noticedAt: canonical(noticedAt) }),
})

function logTimes(definition: CycleDefinition, log: readonly LogRecord[]): string[] {
  return log.map((_, index) => {
    const { logTime } = runFold(definition, log.slice(0, index + 1))
    return Number.isFinite(logTime) ? formatInstant(logTime) : 'none'
  })
}

describe('the page', () => {
  it('has the 22 rules in order, each with an example', () => {
    const numbers = sections.map((section) => Number(/^Rule (\d+): /.exec(section)?.[1]))
    expect(numbers).toEqual(Array.from({ length: 22 }, (_, index) => index + 1))
    expect(sections.filter((section) => blocksOf(section).length === 0)).toEqual([])
  })

  it('explains every kind of measure in rule 18, and shows each', () => {
    const section = sections[17] ?? ''
    const shown = blocksOf(page).flatMap((block) => Object.values((parse(block) as { measures?: Record<string, object> }).measures ?? {}).flatMap(Object.keys))
    expect(measureKindNames.filter((kind) => !section.includes(`\`${kind}`))).toEqual([])
    expect(measureKindNames.filter((kind) => !shown.includes(kind))).toEqual([])
  })

  it('has examples of the three kinds and no others', () => {
    const kinds = examples.map(({ block }) => ['scenarios', 'log', 'errors'].filter((kind) => kind in (parse(block) as object)))
    expect(kinds.filter(({ length }) => length !== 1)).toEqual([])
  })
})

const having = (kind: 'scenarios' | 'log' | 'errors') =>
  examples.filter(({ block }) => kind in (parse(block) as object)).map(({ title, block }) => [title, block, parse(block) as Example] as const)

describe('the scenarios of', () => {
  it.each(having('scenarios'))('%s', (_, block) => {
    const definition = definitionOf(block)
    expect(runScenarios(definition).flatMap(({ differences }) => differences)).toEqual([])
    // The oracle takes events as ingest accepts them: at most at their arrival (rule 1).
    const accepted = (given: Scenario['given'][number]): Scenario['given'][number] =>
      'arrives' in given && given.arrives !== undefined && instantOf(given.arrives) < instantOf(given.at) ? { ...given, at: given.arrives } : given
    for (const scenario of definition.scenarios ?? []) expect(checkScenario(definition, { ...scenario, given: scenario.given.map(accepted) })).toEqual([])
  })
})

describe('the log of', () => {
  it.each(having('log'))('%s', (_, block, { log = [], outputs = [], late = [] }) => {
    const definition = definitionOf(block)
    const records = log.map(recordOf)
    const run = runFold(definition, records)
    expect(run.outputs.map((output, index) => asWritten(outputs[index] ?? {}, output, run.outputs))).toEqual(outputs.map(expected))
    expect(run.late.map(({ event: { id }, reason }) => ({ id, reason }))).toEqual(late)
    const times = logTimes(definition, records)
    expect(log.map(({ T }, index) => (T === undefined ? undefined : times[index]))).toEqual(
      log.map(({ T }) => (T === undefined || T === 'none' ? T : canonical(T))),
    )
    expect(agree({ definition, log: records }, runFold).disagreements).toEqual([])
  })
})

describe('the errors of', () => {
  it.each(having('errors'))('%s', (_, block, { errors = [] }) => {
    const { defects } = readDefinition(definitionText(block), 'semantics.md')
    const found = defects.filter(({ severity }) => severity === 'error').map(formatDefect)
    expect(found).toEqual(errors.map((text) => expect.stringContaining(text)))
  })
})
