import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, formatInstant, RondoError } from '#contracts'
import { type ExportTable, exportFormats, exportTables } from '#history'
import { ArgumentDefects, readInstant } from '../argument-defects.ts'
import { exitCodes } from '../exit-code.ts'
import { fileReason, invalidArgument } from '../failure.ts'
import { ProgressLine } from '../progress-line.ts'
import { askAgain } from '../server/ask-again.ts'
import { readCycleHead } from '../server/cycle-head.ts'
import { Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { storeDownload } from './store-download.ts'

/** A server sends two exports at once, and says so for a moment; one that is away may come back. */
const PAUSES = { pauseMs: 1_000, pauseMsMax: 10_000, attemptsMax: 30 }

/** The options of `rondo export`, not yet checked. */
export interface ExportFlags {
  readonly url: string
  readonly cycle?: string
  readonly as: string
  readonly into: string
  readonly from?: string
  readonly until?: string
  readonly replace?: boolean
}

/** Runs `rondo export`. @returns the exit code */
export async function runExport(flags: ExportFlags & { readonly relations: readonly string[] }, terminal: Terminal): Promise<number> {
  const { stop, messages, output, clock } = terminal
  const { tables, query } = readQuestion(flags)
  const server = new Server(flags.url, stop)
  const { cycle } = await readCycleHead(server, flags)
  makeFolder(flags.into)
  const progress = new ProgressLine(messages, clock)
  const print = (text: string): void => progress.print(text)
  for (const table of tables) {
    const path = join(flags.into, `${cycle}-${table}.${flags.as}`)
    if (existsSync(path) && flags.replace !== true) {
      print(`rondo: ${path} is there already, and is kept; --replace writes it again.\n`)
      continue
    }
    const store = async () => {
      const download = await server.download(`/v1/cycles/${encodeURIComponent(cycle)}/export/${table}?${query}`)
      return { bytes: await storeDownload(path, download, (bytes) => progress.show(() => `rondo: ${path}: ${bytes} bytes`)) }
    }
    const lost = (failure: Error): string => `${failure.message} It is asked again.`
    const { bytes } = await askAgain(() => store().catch(onlyPassing), { server, stop, print, lost, pauses: PAUSES })
    progress.clear()
    output.write(`${path}  ${bytes} bytes\n`)
    await output.flush()
  }
  return exitCodes.done
}

/** Failures that pass by themselves. A server without a history has none in a minute either. */
const passing: readonly ErrorCode[] = ['RONDO_OVERLOADED', 'RONDO_SERVER_UNREACHABLE']

function onlyPassing(failure: unknown): never {
  if (!(failure instanceof RondoError) || passing.includes(failure.code)) throw failure
  throw new RondoError(failure.code, failure.message, { cause: failure })
}

/** Checks what is asked for. @throws RondoError RONDO_ARGUMENT_INVALID */
function readQuestion({ relations, as, from, until }: Pick<ExportFlags, 'as' | 'from' | 'until'> & { readonly relations: readonly string[] }) {
  const defects = new ArgumentDefects()
  const unknown = relations.find((name) => !(exportTables as readonly string[]).includes(name))
  if (unknown !== undefined) defects.add(`There is no relation ${JSON.stringify(unknown)}; there are ${exportTables.join(', ')}.`)
  if (!(exportFormats as readonly string[]).includes(as)) defects.add(`--as: expected one of ${exportFormats.join(', ')}, found ${JSON.stringify(as)}.`)
  const [begin, end] = [readInstant('--from', from, defects), readInstant('--until', until, defects)]
  if (begin !== undefined && end !== undefined && begin >= end) defects.add('--from and --until: expected a range that begins before it ends.')
  const [failure] = defects.failures
  if (failure !== undefined) throw failure
  const query = new URLSearchParams({ as })
  if (begin !== undefined) query.set('from', formatInstant(begin))
  if (end !== undefined) query.set('until', formatInstant(end))
  const tables = relations.length === 0 ? exportTables : [...new Set(relations as readonly ExportTable[])]
  return { tables, query: query.toString() }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw invalidArgument(`--into ${path} cannot be used: ${fileReason(error)}.`)
  }
}
