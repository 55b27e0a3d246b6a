import { resolve } from 'node:path'
import { checkFilesThere, readArchive, verifiedEnd, verifyArchive, writeArchive } from '#archive'
import { type ArchiveFile, parseDuration } from '#contracts'
import { checkArchivePlace } from '#event-log'
import { neededBeginning } from '#pipeline'
import { ArgumentDefects, readCount } from '../argument-defects.ts'
import { brokerList } from '../broker-flag.ts'
import { brokerSecurity } from '../broker-login.ts'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import type { ArchiveFlags } from './archive-flags.ts'
import { folderLog, kafkaLog, type TrimmedLog } from './trimmed-log.ts'

/** Runs `rondo archive write`. @returns the exit code */
export async function runWrite(flags: ArchiveFlags, { messages, clock, stop }: Terminal): Promise<number> {
  let files = 0
  let openDay: string | undefined
  await withLog(flags, stop, async (log) => {
    const before = flags.all === true ? {} : { before: clock.now() }
    const onOpenDay = (_: number, day: string): void => {
      openDay = day
    }
    const onFile = (partition: number, file: ArchiveFile): void => {
      files += 1
      messages.write(`rondo: ${fileText(partition, file)}\n`)
    }
    await writeArchive({ archive: flags.archive, log, ...before, signal: stop, onFile, onOpenDay })
    if (!stop.aborted) await checkFilesThere(flags.archive, log)
  })
  stop.throwIfAborted()
  const waits = files > 0 || openDay === undefined ? '' : ` What came on ${openDay} (UTC) is archived when that day has ended; --all writes it now.`
  messages.write(
    `rondo: ${files === 0 ? 'Nothing is new' : `${countText(files, 'file was', 'files were')} written`} in the archive ${flags.archive}.${waits}\n`,
  )
  return exitCodes.done
}

/** Runs `rondo archive verify`. @returns the exit code */
export async function runVerify({ archive }: ArchiveFlags, { messages, stop }: Terminal): Promise<number> {
  let [files, entries] = [0, 0]
  await verifyArchive(archive, (_, file) => {
    stop.throwIfAborted()
    files += 1
    entries += file.entries
  })
  messages.write(`rondo: The archive ${archive} is as it was written: ${countText(files, 'file', 'files')}, ${countText(entries, 'entry', 'entries')}.\n`)
  return exitCodes.done
}

/** Runs `rondo archive list`. @returns the exit code */
export function runList({ archive }: ArchiveFlags, { output, messages }: Terminal): number {
  const lines = readArchive(archive).flatMap(({ partition, files }) => files.map((file) => fileText(partition, file)))
  for (const line of lines) output.write(`${line}\n`)
  if (lines.length === 0) messages.write(`rondo: The archive ${archive} has no file yet.\n`)
  return exitCodes.done
}

/** Runs `rondo archive trim`. @returns the exit code */
export async function runTrim(flags: ArchiveFlags, { messages, clock, stop }: Terminal): Promise<number> {
  const keepMs = parseDuration(flags.keep ?? '')
  if (keepMs === undefined) throw invalidArgument(`--keep: expected a duration such as 7d, found ${JSON.stringify(flags.keep)}.`)
  const before = clock.now() - keepMs
  const lines: string[] = []
  await withLog(flags, stop, async (log) => {
    log.reserve()
    const below: number[] = []
    for (let partition = 0; partition < log.partitions; partition++) {
      const { begin } = await log.bounds(partition)
      const { offset: needed, name = 'the first fold', failure } = neededBeginning(await log.checkpoints(partition))
      const end = await verifiedEnd(flags.archive, log, { partition, needed, before })
      stop.throwIfAborted()
      below.push(Math.max(begin, end))
      const done = end > begin ? `offsets ${begin} to ${end - 1} are in the archive as the log has them, and have left the log.` : 'nothing leaves the log.'
      lines.push(`Partition ${partition}: ${done} A restore from ${name} needs offset ${needed} and what follows.`)
      if (failure !== undefined) lines.push(`${failure.message} Until then the log keeps all that a restore of a cycle could need. (${failure.code})`)
    }
    await log.trim(below, flags.compact === true)
  })
  stop.throwIfAborted()
  for (const line of lines) messages.write(`rondo: ${line}\n`)
  return exitCodes.done
}

async function withLog(flags: ArchiveFlags, stop: AbortSignal, work: (log: TrimmedLog) => Promise<void>): Promise<void> {
  const log = await openLog(flags, stop)
  try {
    await work(log)
  } finally {
    await log.close()
  }
}

async function openLog({ data, brokers, archive, ...flags }: ArchiveFlags, stop: AbortSignal): Promise<TrimmedLog> {
  if (data !== undefined && brokers === undefined) {
    checkArchivePlace(data, archive)
    return folderLog(data, resolve(archive), stop)
  }
  if (data !== undefined || brokers === undefined) throw invalidArgument('--data, --brokers: expected one of them, because each names the log of a Rondo.')
  const defects = new ArgumentDefects()
  const list = brokerList(brokers, defects)
  const partitions = readCount('--partitions', flags.partitions ?? '', defects)
  const [failure] = defects.failures
  if (failure !== undefined || partitions === undefined) throw failure
  return kafkaLog({ brokers: list, security: brokerSecurity(), prefix: flags.prefix ?? '', group: 'rondo', partitions, replication: 1, identity: {} }, stop)
}

const countText = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

function fileText(partition: number, { day, path, from, next, records, entries, bytes }: ArchiveFile): string {
  return `partition ${partition}  ${day}  offsets ${from} to ${next - 1}  ${records} records  ${entries} entries  ${bytes} bytes  ${path}`
}
