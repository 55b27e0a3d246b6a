import { z } from 'zod'
import { durationMs, RondoError } from '#contracts'
import { checkArchivePlace } from '#event-log'
import {
  catchUpSetting,
  definitionSettings,
  duration,
  integer,
  listeningSettings,
  live,
  logFormats,
  logSettings,
  optionalDefinition,
  stallSetting,
  yesOrNo,
} from '#process'
import { HELD_BYTES_MAX } from '../../ingest/src/embedded-ingest.module.ts'
import { accessSettings } from '../../nest/src/access/key-setting.ts'
import { embedSetting, liveSetting } from '../../serving/src/serving.module.ts'

/** The limit of a number of bytes: 12 digits, as many as are read. */
const BYTES_LIMIT = 999_999_999_999

/** How long events stay in the log beside the archive. */
const ARCHIVE_KEEP = '7d'

/** The settings of standalone. */
export const settings = {
  ...listeningSettings(8080),
  data: z
    .string()
    .prefault('')
    .describe('the folder of the accepted events and of the state that is computed from them; without it, data in the current folder'),
  definition: live(
    optionalDefinition(
      'the files of the cycles, with commas between them, or a folder of them; as an argument it may be repeated; without it, the shopper cycle that comes with Rondo',
    ),
  ),
  shortGrace: definitionSettings.shortGrace,
  demo: z
    .union([z.literal(''), yesOrNo()], { error: 'expected yes or no' })
    .prefault('')
    .describe('whether purchases that come with Rondo are imported into an empty folder; unless set, yes where neither data nor definition is set'),
  ...accessSettings,
  ...catchUpSetting,
  heldBytesMax: live(
    integer(0, BYTES_LIMIT)
      .prefault(String(HELD_BYTES_MAX))
      .describe('during an import, how many bytes of live events are kept on disk until its end; beyond it requests are answered with 503'),
  ),
  quarantineBytesMax: live(
    integer(0, BYTES_LIMIT)
      .prefault(String(256 * 1024 * 1024))
      .describe('how many bytes of refused events are kept; the oldest are removed first'),
  ),
  quarantineAge: live(duration('1m', '3650d').prefault('30d').describe('how long a refused event is kept')),
  archive: z.string().prefault('').describe('the folder to which each day of the log is archived after its end; without it, the log keeps everything'),
  archiveKeep: duration('1d', '36500d').prefault(ARCHIVE_KEEP).describe('with archive, how long accepted events stay in the log beside it'),
  ...liveSetting,
  ...embedSetting,
  history: z
    .enum(['on', 'off'], { error: 'expected on or off' })
    .prefault('on')
    .describe('whether a history of each cycle is kept in the data folder, for questions about ranges of time'),
  ...stallSetting,
  ...logSettings,
  logFormat: z
    .enum(logFormats, { error: `expected ${logFormats.join(' or ')}` })
    .prefault('text')
    .describe('text: sentences for people; json: a line of JSON for each message, on standard error'),
  log: yesOrNo().prefault('no').describe('the same as --log-format json'),
}

/** The values of the settings of the standalone process. */
export type StandaloneConfiguration = { readonly [Name in keyof typeof settings]: z.output<(typeof settings)[Name]> }

/** The data folder if none is named. */
export const DATA_FOLDER = 'data'

/** Checks that the archive has a folder of its own, and that nothing is set for one that is missing. @throws RondoError RONDO_ARGUMENT_INVALID */
export function checkArchive({ data, archive = '', archiveKeep }: Partial<StandaloneConfiguration>): void {
  if (archive === '' && archiveKeep !== undefined && archiveKeep !== durationMs(ARCHIVE_KEEP))
    throw new RondoError(
      'RONDO_ARGUMENT_INVALID',
      'RONDO_ARCHIVE_KEEP (--archive-keep) is set, and no archive: set RONDO_ARCHIVE (--archive) too, or take it away.',
    )
  if (archive !== '') checkArchivePlace(data || DATA_FOLDER, archive)
}

/** Without a folder and a definition of their own, users get the example. */
export const showsDemo = ({ demo, data, definition }: Pick<StandaloneConfiguration, 'demo' | 'data' | 'definition'>): boolean =>
  demo === '' ? data === '' && definition.length === 0 : demo
