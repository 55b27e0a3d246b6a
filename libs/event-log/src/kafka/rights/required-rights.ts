import type { RequiredRight, RightOperation } from '../allowed/right.ts'
import { transactionalIdPrefix } from '../assignment/partition-producer.ts'
import { cyclesOf, type KafkaSettings, positionGroupOf } from '../client/kafka-settings.ts'
import { allTopics, type TopicName } from '../client/topics.ts'
import { settlementsId } from '../quarantine/kafka-settler.ts'
import { sourceGroupPrefix } from '../sources/source-group.ts'

/** Who needs rights: an app, or the commands with --brokers, which import a history, copy, archive and trim a log, show its status, and make keys. */
export const rightHolders = ['ingest', 'processor', 'reactor', 'serving', 'commands'] as const
export type RightHolder = (typeof rightHolders)[number]

const READ: readonly RightOperation[] = ['Read']
const WRITE: readonly RightOperation[] = ['Write']
const READ_WRITE: readonly RightOperation[] = ['Read', 'Write']
/** Every process compares the topics with its settings at its start and while it runs. */
const COMPARE: readonly RightOperation[] = ['Describe', 'DescribeConfigs']

/** What each holder does with records, beside the comparison of the topics. */
const recordRights: Readonly<Record<RightHolder, Partial<Record<TopicName, readonly RightOperation[]>>>> = {
  ingest: { writers: READ_WRITE, activity: READ_WRITE, quarantine: READ_WRITE, control: READ_WRITE },
  // A restore also reads what was published, and the topics of its transactions. Each app records in `control` that its settings were reloaded.
  processor: {
    writers: READ,
    activity: READ,
    transitions: READ_WRITE,
    late: READ_WRITE,
    quarantine: READ_WRITE,
    checkpoints: READ_WRITE,
    names: READ_WRITE,
    control: WRITE,
  },
  reactor: { transitions: READ, control: WRITE },
  serving: { activity: READ, transitions: READ, late: READ, quarantine: READ, names: READ, control: READ_WRITE },
  // Delete removes records that are in an archive, and the checkpoints say which of them a restore needs.
  commands: { writers: READ_WRITE, activity: [...READ_WRITE, 'Delete'], quarantine: WRITE, checkpoints: READ, control: READ_WRITE },
}

/** The least that a holder needs if all topics exist. @param sourceTopics the topics of other systems that ingest reads, and a copy of the log continues to read */
export function requiredRights(holder: RightHolder, settings: KafkaSettings, sourceTopics: readonly string[] = []): RequiredRight[] {
  return [...topicRights(holder, settings, sourceTopics), ...groupRights(holder, settings, sourceTopics), ...transactionRights(holder, settings)]
}

function topicRights(holder: RightHolder, settings: KafkaSettings, sourceTopics: readonly string[]): RequiredRight[] {
  const own = allTopics(settings).map(({ name, topic }): RequiredRight => {
    const operations = recordRights[holder][topic] ?? []
    return { resource: 'Topic', name, isPrefix: false, operations: [...operations, ...COMPARE], purpose: purposeOf(operations) }
  })
  const purpose = sourcePurposes[holder]
  const sources = purpose === undefined ? [] : sourceTopics
  return [...own, ...sources.map((name): RequiredRight => ({ resource: 'Topic', name, isPrefix: false, operations: READ, purpose: purpose ?? '' }))]
}

/** What a holder does with the topics of sources. Brokers show and take a position only where the user may also read its topic. */
const sourcePurposes: Partial<Record<RightHolder, string>> = { ingest: 'read a source', commands: 'copy the position of a source' }

const VERBS: Partial<Record<RightOperation, string>> = { Read: 'read', Write: 'write', Delete: 'remove' }

function purposeOf(operations: readonly RightOperation[]): string {
  const verbs = operations.flatMap((operation) => VERBS[operation] ?? [])
  return verbs.length === 0 ? 'compare its settings' : `${verbs.join(', ')} records; compare its settings`
}

function groupRights(holder: RightHolder, settings: KafkaSettings, sourceTopics: readonly string[]): RequiredRight[] {
  const groups = [...new Set([settings.group, ...cyclesOf(settings).map(positionGroupOf)])]
  const onGroups = (operations: readonly RightOperation[], purpose: string): RequiredRight[] =>
    groups.map((name) => ({ resource: 'Group', name, isPrefix: false, operations, purpose }))
  const ofSources: RequiredRight = {
    resource: 'Group',
    name: sourceGroupPrefix(settings),
    isPrefix: true,
    operations: READ,
    purpose: 'keep the positions of sources',
  }
  if (holder === 'processor') return onGroups(READ, 'join the group, commit positions')
  if (holder === 'serving') return onGroups(['Describe'], 'read positions')
  // With several cycles each process checks which of them has the names without a cycle.
  if (holder === 'reactor') return groups.length > 1 ? onGroups(['Describe'], 'check which cycle is the first') : []
  if (holder === 'ingest') return [...onGroups(['Describe'], 'read positions'), ...(sourceTopics.length > 0 ? [ofSources] : [])]
  return holder === 'commands' ? [...onGroups(['Describe'], 'read positions'), ofSources] : []
}

function transactionRights(holder: RightHolder, settings: KafkaSettings): RequiredRight[] {
  const of = (name: string, isPrefix: boolean, purpose: string): RequiredRight => ({ resource: 'TransactionalId', name, isPrefix, operations: WRITE, purpose })
  if (holder === 'processor') return cyclesOf(settings).map((cycle) => of(transactionalIdPrefix(cycle), true, 'commit outputs and positions together'))
  return holder === 'ingest' ? [of(settlementsId(settings), false, 'replay refused events')] : []
}
