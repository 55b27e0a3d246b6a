import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ControlRecord, Output, QuarantineRecord } from '#contracts'
import { root } from '../../scripts/root.ts'
import { eventually } from './running-app.ts'

const BIN = join(root, 'apps/cli/bin/rondo.js')

export interface EndedImport {
  readonly code: number | null
  readonly stderr: string
}

/** `rondo import` as a process group of its own, as a terminal has it: a signal reaches launcher and command alike. */
export class RunningImport {
  readonly ended: Promise<EndedImport>
  readonly #pid: number

  constructor(args: readonly string[]) {
    const child = spawn(BIN, ['import', ...args], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    this.#pid = child.pid as number
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    this.ended = once(child, 'close').then(([code]) => ({ code, stderr }))
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(-this.#pid, signal)
  }
}

export function rondoImport(...args: string[]): Promise<EndedImport> {
  return new RunningImport(args).ended
}

/** Waits until some rows of an import are durable; says how many. */
export async function rowsUnderWay(url: string): Promise<number> {
  for (;;) {
    const current = (await (await fetch(`${url}/v1/backfills/current`)).json()) as { rows?: number }
    if ((current.rows ?? 0) > 0) return current.rows as number
  }
}

/** Every output of a server that has folded everything up to now. */
export async function feedOf(url: string): Promise<Output[]> {
  const cycles = (await (await fetch(`${url}/v1/cycles`)).json()) as { items: { cycle: string }[] }
  const stages = `${url}/v1/cycles/${cycles.items[0]?.cycle}/stages`
  type Freshness = { asOf: { ageSeconds: number | null } }
  await eventually(
    async () => (await (await fetch(stages)).json()) as Freshness,
    ({ asOf }) => asOf.ageSeconds !== null && asOf.ageSeconds < 60,
  )
  const outputs: Output[] = []
  for (let after = 0; ; ) {
    const page = (await (await fetch(`${url}/v1/transitions?limit=1000&after=${after}`)).json()) as { items: { output: Output }[]; next: number }
    if (page.items.length === 0) return outputs
    outputs.push(...page.items.map(({ output }) => output))
    after = page.next
  }
}

export type LogEntry = Partial<ControlRecord> & { readonly id?: string; readonly event?: string; readonly time: string; readonly receivedAt?: string }

/** The entries of a data folder's log, and what is in its quarantine. */
export function logOf(folder: string): { entries: LogEntry[]; quarantine: QuarantineRecord[] } {
  const db = new DatabaseSync(join(folder, 'log.db'), { readOnly: true })
  const frames = db.prepare('SELECT frame FROM frames ORDER BY "offset"').all() as { frame: string }[]
  const refused = db.prepare('SELECT record FROM quarantine ORDER BY "cursor"').all() as { record: string }[]
  db.close()
  return {
    entries: frames.flatMap(({ frame }) => frame.split('\n').map((line) => JSON.parse(line) as LogEntry)),
    quarantine: refused.map(({ record }) => JSON.parse(record) as QuarantineRecord),
  }
}
