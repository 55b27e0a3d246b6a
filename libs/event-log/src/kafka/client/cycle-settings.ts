import { RondoError } from '#contracts'
import type { KafkaCycle, KafkaSettings } from './kafka-settings.ts'
import { isTopicName } from './topics.ts'

/** The part of the settings that names cycles. */
type CycleSettings = Pick<KafkaSettings, 'identity' | 'cycle' | 'others'>

/**
 * The names of the cycles of a deployment. The first cycle has names without a cycle, as if it were alone: so a deployment that gets a
 * second cycle keeps its topics. Every other cycle has its own name in those of its topics.
 * @param identities what each fold depends on, with the name of its cycle; at least one
 * @param firstCycle the cycle that has names without a cycle, which need not be one of these; the first of them unless it is given
 * @throws RondoError RONDO_ARGUMENT_INVALID if a cycle is there twice, or if a name could be that of another deployment's topic
 */
export function namesOfCycles(identities: readonly Readonly<Record<string, string>>[], firstCycle = identities[0]?.['cycle']): CycleSettings {
  const names = identities.map((identity) => identity['cycle'] ?? '')
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new RondoError('RONDO_ARGUMENT_INVALID', `Two definitions are of the cycle ${twice}. Name one of them differently, or leave one out.`)
  const reserved = names.find((name) => name !== firstCycle && isTopicName(name))
  if (reserved !== undefined) {
    const message = `A cycle named ${reserved} could have the topics of another deployment, whose prefix ends with the name of a topic. Name the cycle differently, or make it RONDO_FIRST_CYCLE.`
    throw new RondoError('RONDO_ARGUMENT_INVALID', message)
  }
  const [first = { identity: {} }, ...others] = identities.map((identity, i): KafkaCycle => ({ identity, ...(names[i] !== firstCycle && { cycle: names[i] }) }))
  return { ...first, others }
}
