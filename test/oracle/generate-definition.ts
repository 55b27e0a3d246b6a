import fc from 'fast-check'
import {
  type Condition,
  type CycleDefinition,
  durationMs,
  type MeasureDefinition,
  type MeasureKindName,
  type SignalDefinition,
  type StageDefinition,
  type StageKind,
  type TransitionDefinition,
} from '#contracts'
import { measureConditionArb, pathConditionArb, withinMeasures } from './generate-condition.ts'
import { namesAbsence, rulesOf, START } from './rule.ts'

/**
 * The unit of durations in a case, which decides whether windows have buckets of minutes, hours or local days. With the share `half` some
 * warnings are due at half a millisecond, which is slightly less as a double.
 */
const scales = {
  m: { windows: ['1m', '2m', '3m', '90s', '1h'], absences: ['1m', '2m', '3m', '150s', '6m'], half: 0.31003 },
  h: { windows: ['2h', '3h', '61m', '48h', '90m'], absences: ['1h', '2h', '3h', '150m', '6h'], half: 0.31001375 },
  d: { windows: ['3d', '3d', '4d', '49h', '1w', '5h'], absences: ['1d', '2d', '3d', '36h', '6d'], half: 0.31000203125 },
} as const
/** The scale of times in a definition: see `scales`. */
export type Scale = keyof typeof scales

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Santiago',
  'Atlantic/Azores',
  'Asia/Kolkata',
  'UTC',
] as const

const kindTemplates: StageKind[][] = [
  ['active', 'lapsed', 'returned'],
  ['active', 'active', 'lapsed', 'returned'],
  ['active', 'active', 'lapsed'],
  ['active', 'lapsed'],
  ['active', 'lapsed', 'active', 'lapsed', 'returned'],
  ['active', 'active', 'active'],
  ['returned', 'lapsed'],
]

const pick = <T>(list: readonly T[], choice: number): T => list[choice % list.length] as T
const choiceArb = fc.nat(59)
const rareArb = (oneIn: number): fc.Arbitrary<boolean> => fc.nat(oneIn - 1).map((n) => n === oneIn - 1)

function sometimes<T>(arbitrary: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

const stagePlanArb = fc.record({
  absence: fc.constantFrom('none', 'fixed', 'fixed', 'personal', 'personal', 'personal', 'personal'),
  length: choiceArb,
  ceiling: choiceArb,
  usual: fc.constantFrom(0.5, 0.55, 0.8, 0.95, 1),
  warning: fc.constantFrom(undefined, 0.5, 0.7, 0.3333333333, 0.999, 'half' as const),
})

const signalPlanArb = fc.record({
  event: fc.constantFrom<string | string[]>('A', 'B', '*', '*', 'A*', '*B', ['A', 'B'], ['A', 'B'], ['A*', 'B']),
  where: sometimes(pathConditionArb, 6),
})

/**
 * Kinds of measures; a kind that is listed more often is drawn more often. `first` must not change, because hashes of the outcomes of its
 * cases are kept.
 */
const drawnKinds = {
  first: ['count', 'count', 'count', 'sum', 'days', 'distinct', 'gauge', 'last'],
  all: ['count', 'count', 'sum', 'days', 'distinct', 'gauge', 'last', 'average', 'average', 'average', 'min', 'min', 'min', 'max', 'max', 'max'],
} as const satisfies Record<string, readonly MeasureKindName[]>
/** Which kinds of measures are drawn: see `drawnKinds`. */
export type DrawnKinds = keyof typeof drawnKinds

const measurePlanArb = (kinds: DrawnKinds) =>
  fc.record({
    type: fc.constantFrom<MeasureKindName>(...drawnKinds[kinds]),
    signal: choiceArb,
    other: choiceArb,
    list: rareArb(4),
    path: fc.constantFrom('properties.n', 'properties.s', 'properties.n.k', 'event'),
    cap: fc.constantFrom(undefined, 1, 2),
    scope: fc.constantFrom('within', 'within', 'within', 'stage', 'return', 'ever'),
    window: choiceArb,
    cut: choiceArb,
  })

const ruleTypes = ['trigger', 'trigger when', 'when', 'when', 'after', 'after when', 'absence', 'absence when', 'absence or signal'] as const
const rulePlanArb = fc.record({
  type: fc.constantFrom(...ruleTypes),
  from: choiceArb,
  second: sometimes(choiceArb, 3),
  byKind: rareArb(8),
  to: choiceArb,
  previous: rareArb(3),
  signal: choiceArb,
  when: measureConditionArb,
  path: sometimes(pathConditionArb, 8),
  length: choiceArb,
  cause: rareArb(8),
  place: choiceArb,
})
/** The choices from which one rule is made. */
type RulePlan = typeof rulePlanArb extends fc.Arbitrary<infer T> ? T : never

const definitionPlanArb = (kinds: DrawnKinds) =>
  fc.record({
    scale: fc.constantFrom<Scale>('d', 'd', 'd', 'd', 'h', 'm'),
    timezone: fc.constantFrom(...zones),
    grace: fc.constantFrom(0, 1, 3, 8, 8, 30, 30, 30, 99),
    journal: sometimes(fc.constantFrom(1, 1, 1, 2, 2, 3, 4), 1),
    journals: sometimes(fc.constantFrom(1, 2, 2, 3, 5), 2),
    dedupe: fc.constantFrom(undefined, 0, 1, 3),
    kinds: fc.constantFrom(...kindTemplates),
    stages: fc.array(stagePlanArb, { minLength: 5, maxLength: 5 }),
    signals: fc.array(signalPlanArb, { minLength: 1, maxLength: 3 }),
    measures: fc.array(measurePlanArb(kinds), { minLength: kinds === 'all' ? 2 : 0, maxLength: 3, size: 'max' }),
    entry: fc.record({ to: fc.constantFrom(0, 0, 0, 1), trigger: fc.constantFrom('any', 'any', 's0'), place: choiceArb }),
    rules: fc.array(rulePlanArb, { minLength: 2, maxLength: 8, size: 'max' }),
  })
/** The choices from which a definition is made. */
type DefinitionPlan = ReturnType<typeof definitionPlanArb> extends fc.Arbitrary<infer T> ? T : never

/** Valid definitions, with the unit of their durations. */
export function definitionArb(kinds: DrawnKinds): fc.Arbitrary<{ definition: CycleDefinition; scale: Scale }> {
  return definitionPlanArb(kinds).map((plan) => ({ definition: definitionOf(plan), scale: plan.scale }))
}

function definitionOf(plan: DefinitionPlan): CycleDefinition {
  const unit = plan.scale
  const signals = Object.fromEntries(plan.signals.map((signal, n) => [`s${n}`, signalOf(signal)]))
  const measures = Object.fromEntries(plan.measures.map((measure, n) => [`m${n}`, measureOf(plan, measure)]))
  const definition: CycleDefinition = {
    cycle: 'generated',
    version: 1,
    actor: 'user',
    timezone: plan.timezone,
    grace: `${plan.grace}${unit}`,
    ...(plan.journal === undefined ? {} : { journal: plan.journal }),
    ...(plan.journals === undefined ? {} : { journals: plan.journals }),
    ...(plan.dedupe === undefined ? {} : { dedupe: `${plan.dedupe}${unit}` }),
    stages: plan.kinds.map((kind, n) => stageOf(plan, kind, n)),
    signals,
    measures,
    transitions: [],
  }
  return { ...definition, transitions: transitionsOf(plan, definition) }
}

function signalOf({ event, where }: DefinitionPlan['signals'][number]): SignalDefinition {
  return where === undefined ? { event } : { event, where }
}

function stageOf(plan: DefinitionPlan, kind: StageKind, n: number): StageDefinition {
  const stage = { id: `${kind}${n}`, kind }
  const { absence, length, ceiling, usual, warning } = plan.stages[n] as DefinitionPlan['stages'][number]
  if (kind === 'lapsed' || absence === 'none') return stage
  const personal = { usual, floor: pick(['12h', '1d', '2d'], length), ceiling: pick(['2d', '3d', '5d', '9d'], ceiling) }
  return {
    ...stage,
    absence: absence === 'personal' && plan.scale === 'd' ? personal : pick(scales[plan.scale].absences, length),
    ...(warning === undefined ? {} : { warning: warning === 'half' ? scales[plan.scale].half : warning }),
  }
}

function measureOf(plan: DefinitionPlan, measure: DefinitionPlan['measures'][number]): MeasureDefinition {
  const names = plan.signals.map((_, n) => `s${n}`)
  const [one, other] = [pick(names, measure.signal), pick(names, measure.other)]
  const signal = measure.list ? [...new Set([one, other])] : one
  const since = measure.scope === 'stage' || measure.scope === 'return' ? { since: measure.scope } : {}
  const scope = measure.scope === 'within' ? windowOf(pick(scales[plan.scale].windows, measure.window), measure.cut) : since
  const cap = measure.cap === undefined ? {} : { cap: measure.cap }
  const of = measure.path === 'properties.n.k' ? measure.path : 'properties.n'
  const forms = {
    count: { count: signal, ...scope },
    sum: { sum: signal, of: measure.path, ...scope },
    average: { average: signal, of, ...scope },
    min: { min: signal, of, ...scope },
    max: { max: signal, of, ...scope },
    days: { days: signal, ...scope },
    distinct: { distinct: signal, by: measure.path, ...cap, ...scope },
    gauge: { gauge: signal, minus: other, ...since },
    last: { last: signal, of: measure.path, ...since },
  } satisfies Record<MeasureKindName, MeasureDefinition>
  return forms[measure.type]
}

/** A window. One window in three has explicit buckets. */
function windowOf(within: string, cut: number): { within: string; buckets?: string } {
  const fitting = ['1m', '90s', '30m', '1h', '8h', '1d'].filter(
    (size) => durationMs(within) % durationMs(size) === 0 && durationMs(within) / durationMs(size) <= 400,
  )
  return cut % 3 === 0 && fitting.length > 0 ? { within, buckets: pick(fitting, Math.floor(cut / 3)) } : { within }
}

/** The rules of the plan, and the rules that a valid definition needs: a rule for each absence, and a rule into each stage. */
function transitionsOf(plan: DefinitionPlan, definition: CycleDefinition): TransitionDefinition[] {
  const ids = definition.stages.map(({ id }) => id)
  const entry = { from: START, to: pick(ids, plan.entry.to), trigger: plan.entry.trigger }
  const planned = plan.rules.flatMap((rule) => ruleOf(rule, definition) ?? [])
  const placed = [{ rule: entry, place: plan.entry.place }, ...planned]
  const named = () => placed.map(({ rule }, n) => ({ ...rule, id: `r${n}` }))
  for (const [n, stage] of definition.stages.entries()) {
    if (stage.absence === undefined || rulesOf({ ...definition, transitions: named() }, stage.id).some(namesAbsence)) continue
    placed.push({ rule: { from: stage.id, to: absenceTarget(definition, n), trigger: 'absence' }, place: plan.stages[n]?.ceiling ?? 0 })
  }
  for (let unreachable = unreached(definition, named()); unreachable.length > 0; unreachable = unreached(definition, named())) {
    const to = unreachable[0] as string
    placed.push({ rule: { from: entry.to, to, trigger: pick(Object.keys(definition.signals), placed.length) }, place: placed.length })
  }
  return placed.toSorted((a, b) => a.place - b.place).map(({ rule }, n) => ({ id: `r${n}`, ...rule }))
}

/** A rule and its place in the file. */
type Placed = { rule: Omit<TransitionDefinition, 'id'>; place: number }

function absenceTarget(definition: CycleDefinition, n: number): string {
  const others = definition.stages.filter((_, index) => index !== n)
  return (others.find(({ kind }) => kind === 'lapsed') ?? pick(others, n)).id
}

function ruleOf(plan: RulePlan, definition: CycleDefinition): Placed | undefined {
  const { stages } = definition
  const leaving = leavingOf(plan, stages)
  const [first] = leaving
  if (first === undefined) return undefined
  const from = plan.byKind && leaving.length > 1 && !isAbsence(plan) ? first.kind : leaving.length > 1 ? leaving.map(({ id }) => id) : first.id
  const targets = stages.filter(({ id }) => leaving.length > 1 || id !== first.id)
  const previous = plan.previous && leaving.every(({ kind }) => kind !== 'active') && stages.some(({ kind }) => kind === 'active')
  const to = previous ? 'previous' : pick(targets, plan.to).id
  const cause = plan.cause ? { cause: 'told-so' } : {}
  return { rule: { from, to, ...demandsOf(plan, definition), ...cause }, place: plan.place }
}

const isAbsence = ({ type }: RulePlan): boolean => type.startsWith('absence')

/** One stage, two stages, or all stages of a kind. A rule that names absence gets only stages that have an absence. */
function leavingOf(plan: RulePlan, stages: StageDefinition[]): StageDefinition[] {
  const candidates = isAbsence(plan) ? stages.filter(({ absence }) => absence !== undefined) : stages
  if (candidates.length === 0) return []
  const first = pick(candidates, plan.from)
  if (plan.byKind && !isAbsence(plan)) return stages.filter(({ kind }) => kind === first.kind)
  return [...new Set([first, plan.second === undefined ? first : pick(candidates, plan.second)])]
}

function demandsOf(plan: RulePlan, definition: CycleDefinition): Pick<TransitionDefinition, 'trigger' | 'when' | 'after'> {
  const signals = Object.keys(definition.signals)
  const signal = plan.signal % 3 === 0 ? 'any' : pick(signals, plan.signal)
  const when: Condition = plan.path ?? withinMeasures(plan.when, Object.keys(definition.measures ?? {}).length)
  const after = `${1 + (plan.length % 5)}${/[a-z]$/.exec(definition.grace ?? '')?.[0]}`
  const forms = {
    trigger: { trigger: signal },
    'trigger when': { trigger: plan.length % 3 === 0 ? signals : signal, when },
    when: { when },
    after: { after },
    'after when': { after, when },
    absence: { trigger: 'absence' },
    'absence when': { trigger: 'absence', when },
    'absence or signal': { trigger: ['absence', pick(signals, plan.signal)] },
  } satisfies Record<RulePlan['type'], Pick<TransitionDefinition, 'trigger' | 'when' | 'after'>>
  return forms[plan.type]
}

function unreached(definition: CycleDefinition, transitions: TransitionDefinition[]): string[] {
  const reached = [START]
  for (const stage of reached) {
    const next = rulesOf({ ...definition, transitions }, stage).map(({ to }) => to)
    reached.push(...next.filter((to) => to !== 'previous' && !reached.includes(to)))
  }
  return definition.stages.map(({ id }) => id).filter((id) => !reached.includes(id))
}

/** Every duration in a definition. Events at these distances are at the same instants as its deadlines and the ends of its windows. */
export function spansOf(definition: CycleDefinition): string[] {
  const absences = definition.stages.flatMap(({ absence }) => (typeof absence === 'string' ? [absence] : []))
  const afters = definition.transitions.flatMap(({ after }) => after ?? [])
  const windows = Object.values(definition.measures ?? {}).flatMap((measure) => ('within' in measure ? (measure.within ?? []) : []))
  return [...absences, ...afters, ...windows, definition.grace ?? '1h', definition.dedupe ?? '24h']
}
