import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { instantOf, type Output } from '#contracts'
import { outputId } from '#cycle'
import { HistoryFile, HistoryFollower, type HistorySource } from '#history'
import { temporaryFolder } from '#runtime'
import { outputOf } from '../fixtures/history/filled-history.ts'
import { cycleOf } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'

const ROUNDS = 3
const ACTORS = 50_000
const MOVES_EACH = 8
const OUTPUTS = ACTORS * MOVES_EACH
const BATCH = 50_000
const BEGIN = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const STAGES = ['here', 'often', 'away', 'back']

/** The rate at which history is written, beside the same tables in SQLite, and from stored outputs; and what the same questions take in both. */
export const historyBench: Bench = { write: written, follow: followed }

/** The n-th output: all actors move once, then all move again. */
function outputAt(n: number): Output {
  const [actor, move] = [n % ACTORS, Math.floor(n / ACTORS)]
  const at = BEGIN + move * 20 * HOUR + Math.floor((actor / ACTORS) * 20 * HOUR)
  const from = move === 0 ? 'start' : (STAGES[(move - 1) % STAGES.length] as string)
  const to = STAGES[move % STAGES.length] as string
  const parts = { actorId: `user-${actor}`, seq: move + 1, from, to, at, dwellMs: move === 0 ? null : 20 * HOUR }
  const output = outputOf({ ...parts, kind: to === 'away' ? 'disengage' : from === 'away' ? 'return' : 'advance' })
  return { ...output, id: outputId('test', 1, output.actor, move + 1) }
}

const secondsOf = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

async function openHistory(folder: string): Promise<HistoryFile> {
  return await HistoryFile.open({ path: join(folder, 'history.duckdb'), actorType: 'user', partitions: 1, identity: { cycle: 'test' } })
}

const tables = `
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -200000;
CREATE TABLE actors (actor INTEGER PRIMARY KEY, type TEXT, id TEXT);
CREATE TABLE transitions (
  actor INTEGER, seq INTEGER, kind TEXT, from_stage TEXT, to_stage TEXT, rule TEXT, cause TEXT, "at" INTEGER, noticed_at INTEGER, dwell_ms INTEGER,
  origin TEXT, retracted_at INTEGER, PRIMARY KEY (actor, seq)) WITHOUT ROWID;
CREATE TABLE ended_stays (
  actor INTEGER, seq INTEGER, stage TEXT, entered_at INTEGER, left_at INTEGER, next_stage TEXT, exit_kind TEXT, exit_cause TEXT, PRIMARY KEY (actor, seq)) WITHOUT ROWID;
CREATE TABLE running_stays (actor INTEGER PRIMARY KEY, seq INTEGER, stage TEXT, entered_at INTEGER);
CREATE TABLE as_of (feed_after INTEGER);
CREATE VIEW stays AS SELECT actor, stage, entered_at, left_at FROM ended_stays UNION ALL SELECT actor, stage, entered_at, NULL FROM running_stays;`

/** The same tables in SQLite, by prepared statements. */
class SqliteTables {
  readonly db: DatabaseSync
  readonly #numbers = new Map<string, number>()
  readonly #run: (sql: string) => (...values: (string | number | null)[]) => unknown

  constructor(path: string) {
    this.db = new DatabaseSync(path)
    this.db.exec(tables)
    this.#run = (sql) => {
      const statement = this.db.prepare(sql)
      return (...values) => statement.run(...values)
    }
  }

  write(outputs: readonly Output[]): void {
    const addActor = this.#run('INSERT INTO actors VALUES (?, ?, ?)')
    const addTransition = this.#run('INSERT INTO transitions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)')
    const endStay = this.#run('INSERT INTO ended_stays SELECT actor, seq, stage, entered_at, ?, ?, ?, ? FROM running_stays WHERE actor = ?')
    const beginStay = this.#run('INSERT OR REPLACE INTO running_stays VALUES (?, ?, ?, ?)')
    this.db.exec('BEGIN')
    for (const { actor, seq, kind, from, to, rule, cause, at, noticedAt, dwellMs, origin } of outputs) {
      let number = this.#numbers.get(actor.id)
      if (number === undefined) {
        number = this.#numbers.size
        this.#numbers.set(actor.id, number)
        addActor(number, actor.type, actor.id)
      }
      const time = instantOf(at)
      addTransition(number, seq, kind, from === 'start' ? null : from, to, rule, cause, time, instantOf(noticedAt), dwellMs, origin)
      if (from !== 'start') endStay(time, to, kind, cause, number)
      beginStay(number, seq, to, time)
    }
    this.db.exec('COMMIT')
  }
}

const MIDDLE = BEGIN + 70 * HOUR
/** Both understand them. */
const questions = {
  'how many stood in each stage at a moment': `SELECT stage, count(*) AS n FROM stays WHERE entered_at <= ${MIDDLE} AND (left_at IS NULL OR left_at > ${MIDDLE}) GROUP BY stage`,
  'flows by hour': `SELECT "at" - "at" % ${HOUR} AS hour, from_stage, to_stage, count(*) AS n FROM transitions WHERE kind <> 'notice' GROUP BY 1, 2, 3`,
  'the median stay in each stage': `SELECT stage, max(ms) AS median FROM (
    SELECT stage, left_at - entered_at AS ms, row_number() OVER (PARTITION BY stage ORDER BY left_at - entered_at) AS place, count(*) OVER (PARTITION BY stage) AS n
    FROM stays WHERE left_at IS NOT NULL) WHERE place <= (n + 1) / 2 GROUP BY stage`,
}

async function written(): Promise<Figure[]> {
  const outputs = Array.from({ length: OUTPUTS }, (_, n) => outputAt(n))
  const samples = { duckdb: [] as number[], sqlite: [] as number[] }
  const asked = Object.entries(questions).map(([what, sql]) => ({ what, sql, duckdb: [] as number[], sqlite: [] as number[] }))
  for (let round = 0; round < ROUNDS; round++) {
    using home = temporaryFolder()
    const history = await openHistory(home.path)
    const seconds = await secondsOf(async () => {
      for (let from = 0; from < OUTPUTS; from += BATCH) {
        const batch = history.writer.newBatch()
        for (const output of outputs.slice(from, from + BATCH)) batch.addOutput(output)
        batch.follow({ partition: 0, logTime: BEGIN, feedAfter: from + BATCH, lateAfter: 0, log: { offset: 0, index: 0 }, recall: null })
        await history.writer.write(batch)
      }
    })
    samples.duckdb.push(OUTPUTS / seconds)
    const sqlite = new SqliteTables(join(home.path, 'history.db'))
    samples.sqlite.push(
      OUTPUTS /
        (await secondsOf(() => {
          for (let from = 0; from < OUTPUTS; from += BATCH) sqlite.write(outputs.slice(from, from + BATCH))
        })),
    )
    for (const { sql, ...times } of asked) {
      times.duckdb.push(1000 * (await secondsOf(() => history.rows(sql))))
      times.sqlite.push(1000 * (await secondsOf(() => sqlite.db.prepare(sql).all())))
    }
    sqlite.db.close()
    await history.close()
  }
  const size = OUTPUTS / 1000
  return [
    { what: `history, ${size} k outputs with their stays, into DuckDB`, unit: 'outputs/s', samples: samples.duckdb, target: { atLeast: 200_000 } },
    { what: 'the same tables in SQLite', unit: 'outputs/s', samples: samples.sqlite },
    ...asked.flatMap(({ what, duckdb, sqlite }): Figure[] => [
      { what: `${what}, ${size} k stays, DuckDB`, unit: 'ms', samples: duckdb },
      { what: 'the same in SQLite', unit: 'ms', samples: sqlite },
    ]),
  ]
}

/** From the texts of outputs, as a feed gives them. */
async function followed(): Promise<Figure[]> {
  const texts = Array.from({ length: OUTPUTS }, (_, n) => JSON.stringify(outputAt(n)))
  const cycle = cycleOf('presence-30d')
  const source: HistorySource = {
    log: {},
    decode: () => [],
    folded: async () => [{ offset: -1, index: -1, logTime: BEGIN }],
    partitions: [
      {
        outputs: async (after, limit) => texts.slice(after, after + limit).map((output, at) => ({ cursor: after + at + 1, output })),
        late: async () => [],
        records: async () => [],
      },
    ],
    close: async () => {},
  }
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    using home = temporaryFolder()
    const history = await openHistory(home.path)
    const follower = await HistoryFollower.resume(history, { cycle, generation: 1, source })
    const seconds = await secondsOf(async () => {
      while ((await follower.step()).isMore);
    })
    rates.push(OUTPUTS / seconds)
    await history.close()
  }
  const parsing =
    OUTPUTS /
    (await secondsOf(() => {
      for (const text of texts) JSON.parse(text)
    }))
  return [
    { what: 'history follows the texts of a feed, into DuckDB', unit: 'outputs/s', samples: rates, target: { atLeast: 200_000 } },
    { what: 'JSON.parse of these texts', unit: 'outputs/s', samples: [parsing] },
  ]
}
