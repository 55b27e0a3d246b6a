import { type CycleDefinition, type Instant, type Output, parseInstant, type Scenario, senderTypeOf } from '#contracts'
import { compileCycle } from '../compile/compile-cycle.ts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import { PartitionFold } from '../fold/partition-fold.ts'
import { compareHistory } from './compare-history.ts'

/** The result of one scenario of a definition. */
export interface ScenarioResult {
  readonly title: string
  readonly passed: boolean
  /** Sentences: first the lines of `then` that differ from the history, then the events without effect and why. Empty if the scenario passed. */
  readonly differences: readonly string[]
}

/** A line of `given`: an event, or a tick. */
type Given = Scenario['given'][number]
/** A line of `given` that is an event. */
type GivenEvent = Exclude<Given, { readonly tick: true }>

/** Who sends all events of a scenario. */
const ACTOR_ID = 'someone'

/**
 * Runs the scenarios of a definition in simulated time. The definition must have passed the checks of `readDefinition`.
 *
 * The order of `given` is the order of arrival. As in a replay, a tick at its arrival (`arrives`, else `at`) follows each event.
 */
export function runScenarios(definition: CycleDefinition): ScenarioResult[] {
  return (definition.scenarios ?? []).map((scenario) => runScenario(definition, scenario))
}

function runScenario(definition: CycleDefinition, scenario: Scenario): ScenarioResult {
  const outputs: Output[] = []
  let dispositions: Disposition[] = []
  const sink = { output: (output: Output) => outputs.push(output), decided: (_event: FoldEvent, decided: Disposition) => dispositions.push(decided) }
  const fold = new PartitionFold(compileCycle(definition), sink, { replay: true })
  const withoutEffect: string[] = []
  scenario.given.forEach((given, index) => {
    if ('tick' in given) fold.apply({ record: 'tick', writer: 'scenario', time: given.at })
    else {
      dispositions = []
      fold.apply(eventOf(definition, scenario, index))
      const [reason, ...others] = dispositions.map((disposition) => reasons[disposition])
      if (reason !== undefined && !others.includes(undefined)) withoutEffect.push(`given ${index + 1} (${given.event} at ${given.at}) had no effect: ${reason}`)
    }
  })
  const actors = [...new Set(outputs.map(({ actor }) => actor.id))]
  const { actor = actors[0] } = scenario
  const differences =
    scenario.actor === undefined && actors.length > 1
      ? [`its events are addressed to ${actors.join(', ')}: say with actor: ${actors[0]} whose history \`then\` is`]
      : compareHistory(scenario.then, effectiveHistory(outputs.filter((output) => output.actor.id === actor)))
  return { title: scenario.title, passed: differences.length === 0, differences: differences.length === 0 ? [] : [...differences, ...withoutEffect] }
}

const reasons: Readonly<Record<string, string | undefined>> = {
  duplicate: 'an event with its id came before',
  'late-grace': 'it arrived later than grace allows',
  'late-bound': 'the journal is full of later events',
  unmatched: 'no signal matches it',
  'not-addressed': 'it names no actor',
}

function eventOf(definition: CycleDefinition, scenario: Scenario, index: number): FoldEvent {
  const { at, arrives, event, id, properties, traits, context } = scenario.given[index] as GivenEvent
  const arrival = instantIn(arrives ?? at)
  // Ids in the order of `given`, also as text: the zeros make them equally long.
  const place = String(index + 1).padStart(String(scenario.given.length).length, '0')
  return {
    id: id ?? `e${place}`,
    actorType: senderTypeOf(definition),
    actorId: ACTOR_ID,
    event,
    time: Math.min(instantIn(at), arrival),
    arrival,
    properties,
    traits,
    context,
  }
}

/** The transitions and notices that remain after retractions. */
function effectiveHistory(outputs: readonly Output[]): Output[] {
  const retracted = new Set(outputs.map((output) => output.retracts))
  return outputs.filter(({ id, kind }) => kind !== 'retraction' && !retracted.has(id))
}

const instantIn = (text: string): Instant => parseInstant(text) as Instant
