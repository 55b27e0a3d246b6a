import { existsSync } from 'node:fs'
import type { KafkaSettings } from '#event-log'
import { ArgumentDefects, readCount } from '../argument-defects.ts'
import { invalidArgument } from '../failure.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { KeyAdministration } from './key-administration.ts'
import { serverKeys } from './server-keys.ts'

/** The options that say where the keys are. */
export interface TargetFlags {
  readonly url?: string
  readonly data?: string
  readonly brokers?: string
  readonly prefix?: string
  readonly replication?: string
}

/** Acts are in one topic of their own, so the number of partitions of the other topics does not matter. */
const ANY_PARTITIONS = 1
const REPLICATION = '3'

/**
 * Opens the keys that the options name: those of a running server by default. Only a new key makes a missing folder.
 * @throws RondoError RONDO_ARGUMENT_INVALID; as the server, the folder or the brokers do
 */
export async function openKeys(flags: TargetFlags, { stop, clock, messages }: Terminal, mode: 'create' | 'change'): Promise<KeyAdministration> {
  const { url, data, brokers } = flags
  const named = Object.entries({ url, data, brokers }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]))
  if (named.length > 1) throw invalidArgument(`${named.join(' and ')}: expected only one of them, because each names a Rondo.`)
  const settings = brokers === undefined ? undefined : await readSettings(brokers, flags)
  if (data === undefined && settings === undefined) return serverKeys(url ?? DEFAULT_URL, stop)
  if (data !== undefined && !existsSync(data)) noteMissing(data, mode, messages)
  // Loaded only here: the other commands need neither the log nor its clients.
  const { folderKeys, kafkaKeys } = await import('./stored-keys.ts')
  return settings === undefined ? folderKeys(data ?? '', clock) : kafkaKeys(settings, clock)
}

function noteMissing(data: string, mode: 'create' | 'change', messages: Terminal['messages']): void {
  if (mode === 'change') throw invalidArgument(`--data: there is no folder ${data}, so there are no keys in it.`)
  messages.write(`rondo: there was no folder ${data}: a new one is made, for a Rondo that starts with it.\n`)
}

async function readSettings(brokers: string, { prefix = '', replication = REPLICATION }: TargetFlags): Promise<KafkaSettings> {
  const { brokerList } = await import('../broker-flag.ts')
  const { brokerSecurity } = await import('../broker-login.ts')
  const defects = new ArgumentDefects()
  const list = brokerList(brokers, defects)
  const copies = readCount('--replication', replication, defects)
  const [defect] = defects.failures
  if (defect !== undefined || copies === undefined) throw defect
  return { brokers: list, security: brokerSecurity(), prefix, group: 'rondo', partitions: ANY_PARTITIONS, replication: copies, identity: {} }
}
