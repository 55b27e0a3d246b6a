import { setTimeout as sleep } from 'node:timers/promises'
import { post } from '../fixtures/processes/running-app.ts'
import type { Action } from './load.ts'

const ROWS = 2000
const ROWS_AT_ONCE = 125
const ACTORS = 2000
/** The pause after each part of an import. It makes imports so long that live events arrive during them and are held. */
const PAUSE_MS = 40

/** The rows of an import for the cycle `pulse`. */
export const visits = (row: number): Action => ({ event: 'Visit', properties: { n: row % 50 } })

/** An importer. It continues an import that was interrupted. */
export class Importer {
  /** The number of durable rows of each source, from the answers of the server, by the number of the source. */
  readonly durable = new Map<number, number>()
  #number = 0
  readonly #action: (row: number) => Action

  constructor(action: (row: number) => Action) {
    this.#action = action
  }

  /** Runs until the import has ended or the server does not answer. */
  async run(url: string): Promise<void> {
    try {
      const response = await fetch(`${url}/v1/backfills/current`)
      const current = (await response.json()) as { source?: string }
      if (current.source === undefined) this.#number += 1
      await this.#import(url, this.#number)
    } catch {
      // The server was killed.
    }
  }

  async #import(url: string, number: number): Promise<void> {
    const shiftMs = Date.now() - 3_600_000
    const { status, body } = await post(`${url}/v1/backfills`, { source: `source ${number}`, firstTime: new Date(shiftMs).toISOString(), shiftMs })
    if (status !== 200) throw new TypeError(`the import was refused: ${JSON.stringify(body)}`)
    const { id, rows, shiftMs: since } = body as { id: string; rows: number; shiftMs: number }
    for (let first = rows; first < ROWS; first += ROWS_AT_ONCE) {
      const text = Array.from({ length: Math.min(ROWS_AT_ONCE, ROWS - first) }, (_, at) => this.#row(number, first + at, since)).join('\n')
      const answer = await post(`${url}/v1/backfills/${id}/rows?first=${first}`, text, { 'content-type': 'application/x-ndjson' })
      await sleep(PAUSE_MS)
      if (answer.status === 200) this.durable.set(number, Number(answer.body.rows))
    }
    await post(`${url}/v1/backfills/${id}/end`, '')
  }

  #row(source: number, row: number, shiftMs: number): string {
    const time = new Date(shiftMs + row * 100).toISOString()
    // A few rows are of actors of the live load, so that their published outputs are corrected.
    const actor = { type: 'user', id: row % 50 === 0 ? `u${row % 1500}` : `s${source}-${(row * 7919) % ACTORS}` }
    return JSON.stringify({ id: `i${source}-${row}`, type: 'track', actor, time, receivedAt: time, ...this.#action(row) })
  }
}
