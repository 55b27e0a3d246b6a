import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { declareReadingCommands } from './reading-commands.ts'
import { declareReplayCommands } from './replay-commands.ts'

const HELP = `
Events that Rondo refused are kept with the reason. Find out why, preview what a repair would do, and replay: each becomes an event at its own
time in the history of its actor, once. RONDO_KEY in the environment is a read key to look, an admin key to replay and discard.

Examples:
  rondo quarantine list --code RONDO_EVENT_INVALID
  rondo quarantine show a-17
  rondo quarantine preview --source shop --repair repair.yaml
  rondo quarantine replay --source shop --repair repair.yaml
  rondo quarantine receipt                        what was replayed and discarded
  rondo quarantine export --as raw > refused.ndjson
  rondo quarantine discard --id a-17 a-18

A repair says where the parts of the event stand, in the grammar of sources:
  map: { actor: properties.customer, event: { text: Order Completed } }
  set: { properties.total: properties.amount }
  remove: [properties.amount]
  timeFormat: DD/MM/YYYY HH:mm
`

/** `rondo quarantine list`, `show`, `export`, `preview`, `replay`, `discard` and `receipt`. */
export function declareQuarantineCommands(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  const quarantine = program.command('quarantine').description('look at refused events, repair and replay them').addHelpText('after', HELP)
  declareReadingCommands(quarantine, terminal, setExitCode)
  declareReplayCommands(quarantine, terminal, setExitCode)
}
