import type { Command } from 'commander'
import { DEFAULT_URL } from '../server/server.ts'

/** The options that choose refused events, as commander gives them. */
export interface FilterFlags {
  readonly url: string
  readonly code?: string
  readonly source?: string
  readonly key?: string
  readonly from?: string
  readonly until?: string
  readonly text?: string
  readonly of?: string
}

/** The options by which commands choose refused events. */
export function withFilter(command: Command): Command {
  return command
    .option('--url <url>', 'the server to ask', DEFAULT_URL)
    .option('--code <code>', 'with this error code')
    .option('--source <source>', 'of this source')
    .option('--key <id>', 'that were sent with this key')
    .option('--from <time>', 'refused at this time or later, such as 2027-01-01T00:00:00Z')
    .option('--until <time>', 'refused before this time')
    .option('--text <text>', 'with this text in them, in the reason or in the place')
    .option('--of <part>', 'admission: refused over HTTP or in an import; log: refused in the log')
}

/** The filter of a request: the options that were given. */
export function filterOf({ code, source, key, from, until, text, of }: FilterFlags): Record<string, string> {
  const given = Object.entries({ code, source, key, from, until, text, of })
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
