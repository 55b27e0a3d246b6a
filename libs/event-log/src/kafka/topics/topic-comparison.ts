// A module of the old kind, of which Node finds some names and not this one.
import kafkajs, { type Admin } from 'kafkajs'
import { READABLE_COMPRESSIONS } from '../client/compression-codecs.ts'
import type { TopicDeclaration } from '../client/topics.ts'

/** Which of the declared topics are there, and which are not. */
export async function missingOf(admin: Admin, declared: readonly TopicDeclaration[]): Promise<Record<'present' | 'missing', TopicDeclaration[]>> {
  const names = new Set(await admin.listTopics())
  return { present: declared.filter(({ name }) => names.has(name)), missing: declared.filter(({ name }) => !names.has(name)) }
}

/** How the topics that are there differ from what is declared. @throws what kafkajs throws where one is missing */
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
      differing(declaration, 'partitions', declaration.partitions, partitions.length),
      differing(declaration, 'replication', declaration.replication, copies),
      ...Object.entries(declaration.config).map(([name, value]) => differing(declaration, name, value, found[name] ?? 'not set')),
    ].filter((difference) => difference !== undefined)
  })
}

/** How often a topic is compacted, and how it is cut for that, is a matter of cost; an operator may tune it. */
const TUNABLE = new Set(['min.cleanable.dirty.ratio', 'segment.bytes', 'segment.ms'])
/** Of these more than was asked for is as good. */
const AT_LEAST = new Set(['replication', 'max.message.bytes', 'min.insync.replicas'])

function differing({ name: topic }: TopicDeclaration, what: string, wanted: string | number, found: string | number): string | undefined {
  if (TUNABLE.has(what)) return undefined
  // Any that can be read will do: it is a matter of cost.
  if (what === 'compression.type' && READABLE_COMPRESSIONS.has(String(found))) return undefined
  const suits = AT_LEAST.has(what) ? Number(found) >= Number(wanted) : String(found) === String(wanted)
  return suits ? undefined : `${topic}: ${what} is ${found}, not ${wanted}`
}
