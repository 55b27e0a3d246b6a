import {
  allTopics,
  checkRetention,
  type KafkaSettings,
  namesOfCycles,
  openKafkaAdminLog,
  openKafkaLog,
  type RightHolder,
  requiredRights,
  rightHolders,
} from '#event-log'
import { checkDefinitions, identitiesOf } from '#process'
import { ArgumentDefects, readCount, readRetention } from '../argument-defects.ts'
import { brokerList } from '../broker-flag.ts'
import { brokerSecurity } from '../broker-login.ts'
import { exitCodes } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import type { KafkaFlags } from './kafka-flags.ts'
import { mergedRights, rightCommands, rightTable } from './right-texts.ts'
import { topicCommands, topicTable } from './topic-texts.ts'

const forms = ['table', 'commands', 'json'] as const
type Form = (typeof forms)[number]
/** The address in the printed commands, if none is named. */
const ANY_BROKER = 'localhost:9092'

/** Runs `rondo kafka topics`. @returns the exit code */
export async function runTopics(flags: KafkaFlags, terminal: Terminal): Promise<number> {
  const plan = readPlan(flags, terminal)
  if (plan === undefined) return exitCodes.invalid
  const { settings, form } = plan
  if (flags.dryRun !== true) {
    const secured = { ...settings, security: brokerSecurity() }
    await openKafkaLog(secured)
    await (await openKafkaAdminLog(secured)).close()
    terminal.messages.write(`All ${allTopics(settings).length} topics exist with these settings.\n`)
  }
  const topics = allTopics(settings)
  const texts = { table: () => topicTable(topics), commands: () => topicCommands(topics, plan.shownBrokers), json: () => jsonText(topics) }
  terminal.output.write(texts[form]())
  return exitCodes.done
}

/** Runs `rondo kafka acls`. @returns the exit code */
export async function runAcls(flags: KafkaFlags, terminal: Terminal): Promise<number> {
  const plan = readPlan({ ...flags, dryRun: true }, terminal)
  if (plan === undefined) return exitCodes.invalid
  const { settings, form, holders } = plan
  const { principal = '', sourceTopic = [] } = flags
  const rights = mergedRights(holders.flatMap((holder) => requiredRights(holder, settings, sourceTopic)))
  const texts = {
    table: () => rightTable(rights),
    commands: () => rightCommands(rights, principal, plan.shownBrokers),
    json: () => jsonText(rights.map((right) => ({ principal, ...right }))),
  }
  terminal.output.write(texts[form]())
  return exitCodes.done
}

/** What is printed, and where the topics are. */
interface Plan {
  readonly settings: KafkaSettings
  readonly form: Form
  readonly holders: readonly RightHolder[]
  readonly shownBrokers: string
}

/** The plan of the options; undefined after all their defects were reported. */
function readPlan(flags: KafkaFlags, { messages }: Terminal): Plan | undefined {
  const defects = new ArgumentDefects()
  if (flags.brokers === undefined && flags.dryRun !== true) defects.add('--brokers: expected host:port of the brokers, or --dry-run to print only.')
  const settings = readSettings(flags, defects)
  const form = forms.find((each) => each === flags.as) ?? defects.add(`--as: expected ${forms.join(', ')}, found ${JSON.stringify(flags.as)}.`)
  const holders = readHolders(flags.app, defects)
  for (const failure of defects.failures) messages.write(failureText(failure))
  if (defects.failures.length > 0 || settings === undefined || form === undefined) return undefined
  return { settings, form, holders, shownBrokers: flags.brokers ?? ANY_BROKER }
}

function readSettings(flags: KafkaFlags, defects: ArgumentDefects): KafkaSettings | undefined {
  const brokers = flags.brokers === undefined ? [] : brokerList(flags.brokers, defects)
  const partitions = readCount('--partitions', flags.partitions, defects)
  const replication = readCount('--replication', flags.replication, defects)
  const activityRetentionMs = readRetention(flags.activityRetention, defects)
  const retention = { activityRetentionMs, isArchived: flags.archive !== undefined }
  defects.try(() => checkRetention(retention))
  const names = readCycles(flags, defects)
  if (partitions === undefined || replication === undefined || names === undefined) return undefined
  return { brokers, prefix: flags.prefix, group: flags.group, partitions, replication, ...retention, ...names }
}

/** What distinguishes the cycles. Without definitions there is one cycle, whose name is in no name. */
function readCycles({ definition, firstCycle }: KafkaFlags, defects: ArgumentDefects): Pick<KafkaSettings, 'identity' | 'cycle' | 'others'> | undefined {
  if (definition === undefined && firstCycle !== undefined) return defects.add('--first-cycle: expected the definitions of the cycles as well (--definition).')
  const paths = (definition ?? []).flatMap((list) => list.split(','))
  const broken = checkDefinitions({ definition: paths })
  defects.failures.push(...broken)
  if (broken.length > 0) return undefined
  // The names depend neither on the generation nor on the grace.
  return defects.try(() => namesOfCycles(identitiesOf({ definition: paths, generation: 1, shortGrace: true }), firstCycle))
}

function readHolders(app: string | undefined, defects: ArgumentDefects): readonly RightHolder[] {
  if (app === undefined) return rightHolders
  const holder = rightHolders.find((each) => each === app)
  if (holder === undefined) defects.add(`--app: expected ${rightHolders.join(', ')}, found ${JSON.stringify(app)}.`)
  return holder === undefined ? [] : [holder]
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
