import { z } from 'zod'
import { BROKERS_EXPECTED, checkRetention, type KafkaSettings, namesOfCycles, readBrokers } from '#event-log'
import { duration, integer } from './configuration.ts'
import { kafkaSecurityOf, securitySettings } from './kafka-security.ts'

/** Settings of the event log; the same in every app of a deployment. */
export const kafkaSettings = {
  brokers: z
    .string()
    .transform((text, context) => {
      const list = readBrokers(text)
      if (list === undefined) context.addIssue(BROKERS_EXPECTED)
      return list ?? z.NEVER
    })
    .describe('host:port of some Kafka brokers, with commas between them'),
  ...securitySettings,
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,100}$/, { error: 'expected letters, digits, dots, dashes and underscores' })
    .prefault('')
    .describe('put before the name of each topic'),
  group: z.string().min(1).max(200).prefault('rondo').describe('the consumer group of the processors; different for each deployment'),
  firstCycle: z
    .string()
    .prefault('')
    .describe(
      'the cycle whose topics and group have no cycle in their names; the first of the definitions unless set (docs/guides/operate.md, Several cycles)',
    ),
  partitions: integer(1, 1000).prefault('6').describe('partitions of each topic, fixed when the topics are created; at most so many processors have work'),
  replication: integer(1, 9).prefault('3').describe('brokers that keep a copy of each record, fixed when the topics are created'),
  activityRetention: z
    .union([z.literal(''), duration('1h', '36500d')], { error: 'expected nothing for ever, or a duration from 1h to 36500d, such as 30d' })
    .prefault('')
    .describe('how long activity keeps its records, for ever unless set; docs/guides/operate.md says what is then no longer possible'),
  archive: z
    .string()
    .prefault('')
    .describe('the folder of the archive of the log, where processors and serving find what activity no longer has; a retention needs one'),
  // Both upper limits are the defaults of brokers.
  session: duration('1s', '30m').prefault('10s').describe('how long a processor may be silent before others take over its partitions'),
  transaction: duration('1s', '15m')
    .prefault('30s')
    .describe('how long a transaction of a dead processor may hide later records if no other process takes over'),
}

/** The values of {@link kafkaSettings}. */
type KafkaConfiguration = { readonly [Name in keyof typeof kafkaSettings]: z.output<(typeof kafkaSettings)[Name]> }

/** The settings for #event-log. @param identities the inputs that the fold of each cycle depends on; not needed by apps that need nothing of a cycle */
export function kafkaSettingsOf(configuration: KafkaConfiguration, identities: readonly Readonly<Record<string, string>>[] = []): KafkaSettings {
  const { brokers, prefix, group, firstCycle, partitions, replication, session, transaction } = configuration
  const times = {
    sessionMs: session,
    // Six heartbeats in a session, so that several may be lost.
    heartbeatMs: Math.min(1000, Math.ceil(session / 6)),
    rebalanceMs: Math.ceil(1.5 * session),
    transactionMs: transaction,
    requestMs: Math.min(15_000, transaction),
  }
  const names = namesOfCycles(identities, firstCycle === '' ? undefined : firstCycle)
  const security = kafkaSecurityOf(configuration)
  return { brokers, security, prefix, group, partitions, replication, ...retentionOf(configuration), ...names, times }
}

/** How long `activity` keeps its records, and whether an archive has those before. */
function retentionOf({ activityRetention = '', archive = '' }: Partial<KafkaConfiguration>): Pick<KafkaSettings, 'activityRetentionMs' | 'isArchived'> {
  return { activityRetentionMs: activityRetention === '' ? undefined : activityRetention, isArchived: archive !== '' }
}

/** A check for {@link runApp}. @throws RondoError RONDO_ARGUMENT_INVALID if the retention would lose what a rebuild needs */
export function checkActivityRetention(configuration: Partial<KafkaConfiguration>): void {
  checkRetention(retentionOf(configuration))
}
