import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A replay of reference data whose outputs are compared with a kept hash. */
export interface KeptReplay {
  readonly name: string
  /** Arguments of `rondo replay`, without the definition. */
  readonly args: readonly string[]
  /** Path of the input. */
  readonly input: string
  /** The exit code of the command: 3 if rows without an actor are refused. */
  readonly code?: number
}

const shipped = (file: string): string => join(import.meta.dirname, '../fixtures/data', file)
// Data that may not be in this repository are read from beside the checkout (test/fixtures/data/README.md).
const beside = (file: string): string => join(import.meta.dirname, '../../..', 'shared/data', file)

const csv = (name: string, input: string, ...flags: string[]): KeptReplay => ({ name, input, args: ['--input', input, '--csv', '--event', 'Visit', ...flags] })

const cdnow = csv(
  'cdnow',
  shipped('cdnow_master.csv.gz'),
  ...['--actor', 'customer_id', '--time', 'date', '--property', 'dollars', '--property', 'cds', '--until', '1998-12-31T00:00:00Z'],
)
const beets = ['--actor', 'actor', '--time', 'ts', '--recorded', 'recorded_ts', '--where', 'bot=0']

export const keptReplays: readonly KeptReplay[] = [
  cdnow,
  csv('beets', shipped('beets_contributions.csv.gz'), ...beets),
  csv('beets as recorded', shipped('beets_contributions.csv.gz'), ...beets, '--as-recorded'),
  csv('hetrec tags', beside('hetrec2011_lastfm_tags.csv.gz'), '--actor', 'user_id', '--time', 'date', '--from', '2005-01-01'),
  csv('lastfm1k', beside('lastfm1k_user_000001.csv.gz'), '--actor', 'user', '--time', 'timestamp'),
  {
    name: 'sparkify',
    code: 3,
    input: beside('sparkify_2018-11_events.jsonl.gz'),
    args: ['--input', beside('sparkify_2018-11_events.jsonl.gz'), '--map', 'actor=userId', '--map', 'time=ts', '--event', 'Visit'],
  },
].filter(({ input }) => existsSync(input))
