// kafkajs is a CommonJS module, and Node does not find `ConfigResourceTypes` among its names: it is a property of the default import.
import kafkajs, { type Admin } from 'kafkajs'
import { READABLE_COMPRESSIONS } from '../client/compression-codecs.ts'
import type { TopicDeclaration } from '../client/topics.ts'

/** The declared topics that exist, and those that do not. */
export async function presentAndMissing(admin: Admin, declared: readonly TopicDeclaration[]): Promise<Record<'present' | 'missing', TopicDeclaration[]>> {
  const names = new Set(await admin.listTopics())
  return { present: declared.filter(({ name }) => names.has(name)), missing: declared.filter(({ name }) => !names.has(name)) }
}

/** The differences between existing topics and their declarations. @throws the error of kafkajs if one is missing */
export async function differencesOf(admin: Admin, declared: readonly TopicDeclaration[]): Promise<string[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: declared.map(({ name }) => name) })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: declared.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  })
  return declared.flatMap((declaration) => {
    const partitions = topics.find(({ name }) => name === declaration.name)?.partitions ?? []
    const entries = resources.find(({ resourceName }) => resourceName === declaration.name)?.configEntries ?? []
    const found: Record<string, string> = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length))
    return [
      differenceOf(declaration, 'partitions', declaration.partitions, partitions.length),
      differenceOf(declaration, 'replication', declaration.replication, copies),
      ...Object.entries(declaration.config).map(([name, value]) => differenceOf(declaration, name, value, found[name] ?? 'not set')),
    ].filter((difference) => difference !== undefined)
  })
}

/** Settings of compaction affect only cost; an operator may change them. */
const COST_ONLY = new Set(['min.cleanable.dirty.ratio', 'segment.bytes', 'segment.ms'])
/** Settings whose value may be larger than declared. */
const MAY_BE_LARGER = new Set(['replication', 'max.message.bytes', 'min.insync.replicas'])

/** The sentence that names a difference; undefined if the setting suits. */
function differenceOf({ name: topic, tunable = [] }: TopicDeclaration, setting: string, wanted: string | number, found: string | number): string | undefined {
  if (COST_ONLY.has(setting) || tunable.includes(setting)) return undefined
  // Every readable codec is accepted: it affects only cost.
  if (setting === 'compression.type' && READABLE_COMPRESSIONS.has(String(found))) return undefined
  const matches = MAY_BE_LARGER.has(setting) ? Number(found) >= Number(wanted) : String(found) === String(wanted)
  return matches ? undefined : `${topic}: ${setting} is ${found}, not ${wanted}`
}
