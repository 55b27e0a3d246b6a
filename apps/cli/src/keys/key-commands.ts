import type { Command } from 'commander'
import { printable } from '#contracts'
import { exitCodes } from '../exit-code.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { KeyAdministration, ShownKey, ShownNewKey } from './key-administration.ts'
import { openKeys, type TargetFlags } from './open-keys.ts'

const HELP = `
Keys say who may send (write), read, or administer. RONDO_KEY in the environment is the admin key with which this command asks; it is not
needed where the server needs none. The text of a new key is printed once, alone, on standard output: nothing that is stored leads back
to it.

With --data, for a stopped Rondo, or --brokers, the command changes the stored log itself and needs no key: use it to make the first admin
key before the first start, or when all admin keys are lost. The audit log shows these acts with the author "offline".

Examples:
  rondo key create --role write --name shop --source shop
  rondo key create --role write --name web --origin https://shop.example --events-per-second 500
  rondo key create --role read --name board --cycle shopper --expires-at 2027-01-01T00:00:00Z
  rondo key list
  rondo key rotate 4f1d2c3b4a59 --overlap 1d    a new key in its place; the old one stays valid for a day
  rondo key revoke 4f1d2c3b4a59
  rondo key create --role admin --name ann --data ./data
  rondo key create --role admin --name ann --brokers kafka:9092
`

/** The flags of `rondo key create`. */
interface CreateFlags extends TargetFlags {
  readonly role: string
  readonly name: string
  readonly source?: string
  readonly environment?: string
  readonly cycle?: string[]
  readonly origin?: string[]
  readonly eventsPerSecond?: string
  readonly expiresAt?: string
}

/** `rondo key create`, `list`, `rotate` and `revoke`. */
export function declareKeyCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const key = program.command('key').description('make, list, replace and revoke keys').addHelpText('after', HELP)
  const declare = (name: string, description: string): Command =>
    key
      .command(name)
      .description(description)
      .option('--url <url>', `the running Rondo (default: "${DEFAULT_URL}")`)
      .option('--data <folder>', 'the data folder of a stopped Rondo; no key is needed')
      .option('--brokers <list>', 'the Kafka brokers of a Rondo, running or stopped; no key is needed')
      .option('--prefix <text>', 'with --brokers: prefix of the names of its topics')
      .option('--replication <n>', 'with --brokers: number of copies of each record (default: 3)')
  declare('create', 'make a key, and print it once')
    .requiredOption('--role <role>', 'write, read or admin')
    .requiredOption('--name <name>', 'what people call it')
    .option('--source <source>', 'write keys: the source that their events carry')
    .option('--environment <name>', 'the only environment in which it is valid')
    .option('--cycle <cycles...>', 'read keys: the only cycles that they show')
    .option('--origin <origins...>', 'write keys: web pages that may send with them, such as https://shop.example')
    .option('--events-per-second <number>', 'write keys: how much may be sent')
    .option('--expires-at <time>', 'when it ends, such as 2027-01-01T00:00:00Z')
    .action((flags: CreateFlags) => within(flags, async (keys) => printCreated(await keys.create(requestOf(flags)), terminal), 'create'))
  declare('list', 'list all keys, also those that have ended').action((flags: TargetFlags) =>
    within(flags, async (keys) => {
      for (const shown of await keys.list()) terminal.output.write(`${lineOf(shown)}\n`)
    }),
  )
  declare('rotate', 'make a key that may do the same, and end the old one')
    .argument('<id>', 'id of the key')
    .option('--overlap <duration>', 'how long the old one stays valid', '1d')
    .action((id: string, flags: TargetFlags & { overlap: string }) =>
      within(flags, async (keys) => printCreated(await keys.rotate(id, flags.overlap), terminal)),
    )
  declare('revoke', 'end a key at once')
    .argument('<id>', 'id of the key')
    .action((id: string, flags: TargetFlags) =>
      within(flags, async (keys) => {
        const { role, name } = await keys.revoke(id)
        terminal.messages.write(`rondo: the ${role} key ${id} (${printable(name)}) has ended.\n`)
      }),
    )

  async function within(flags: TargetFlags, work: (keys: KeyAdministration) => Promise<void>, mode: 'create' | 'change' = 'change'): Promise<void> {
    const keys = await openKeys(flags, terminal, mode)
    try {
      await work(keys)
    } finally {
      await keys.close()
    }
    setExitCode(exitCodes.done)
  }
}

/** The request for a key. KeyAdministration checks it and reports all its defects. */
function requestOf({ cycle, origin, eventsPerSecond, role, name, source, environment, expiresAt }: CreateFlags): Record<string, unknown> {
  const rate = eventsPerSecond === undefined || !/^\d{1,9}$/.test(eventsPerSecond) ? eventsPerSecond : Number(eventsPerSecond)
  const request = { role, name, source, environment, expiresAt, cycles: cycle, origins: origin, eventsPerSecond: rate }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
}

function printCreated({ text, key }: ShownNewKey, { output, messages }: Terminal): void {
  messages.write(`rondo: the ${key.role} key ${key.id} (${printable(key.name)}) is made. Its text is shown only now:\n`)
  output.write(`${text}\n`)
}

function lineOf(key: ShownKey): string {
  const { id, role, name, endsAt, valid } = key
  const end = endsAt === null ? 'no end' : `${valid ? 'ends' : 'ended'} ${endsAt}`
  return [id, role.padEnd(5), end.padEnd(30), printable(name), ...limitsOf(key).map(printable)].join('  ')
}

/** What a key is limited to. */
function limitsOf({ source, environment, cycles, origins, eventsPerSecond }: ShownKey): string[] {
  return [
    ...(source === undefined ? [] : [`source ${source}`]),
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...(cycles === undefined ? [] : [`cycles ${cycles.join(', ')}`]),
    ...(origins === undefined ? [] : [`origins ${origins.join(', ')}`]),
    ...(eventsPerSecond === undefined ? [] : [`${eventsPerSecond} events a second`]),
  ]
}
