import type { StateTables } from '#event-log'
import { HISTORIES } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import { ActorHistories } from './actor-histories.ts'

/** The tables and indexes of each model in a folder of a release that did not store versions. All models have version 1 there. */
const objectsOfVersion1 = {
  [HISTORIES]: ['actors', 'receipts'],
  'stage-counts': ['stage_counts'],
  'stage-members': ['actors_by_stage'],
  flows: ['flows'],
}

/** A row of `read_models`. */
interface ModelRow {
  readonly name: string
  readonly version: number
}

/** A read model or the histories: what is needed to create their tables. */
type KeptModel = Pick<ReadModel, 'name' | 'version'> & { readonly sqlite: Pick<ReadModel['sqlite'], 'objects' | 'schema'> }

/**
 * Makes the tables of new models, and makes the tables of changed models again. `read_models` has, for each model, its version, its tables
 * and indexes, and the cursor up to which it has been made: NULL if the model is complete and every batch updates it.
 */
export function prepareModels(tables: StateTables, models: readonly ReadModel[], historiesVersion: number): void {
  const histories: KeptModel = { name: HISTORIES, version: historiesVersion, sqlite: ActorHistories }
  if (!exists(tables, 'read_models')) createVersionTable(tables)
  const stored = new Map((tables.prepare('SELECT name, version FROM read_models').all() as unknown as ModelRow[]).map((row) => [row.name, row.version]))
  const hasAllChanged = stored.get(HISTORIES) !== historiesVersion
  const versions = new Map([histories, ...models].map((model) => [model.name, model.version]))
  for (const [name, version] of stored) if (hasAllChanged || versions.get(name) !== version) deleteModel(tables, name)
  for (const model of [histories, ...models]) if (hasAllChanged || stored.get(model.name) !== model.version) createModel(tables, model)
}

/** Creates the table of versions. A folder of a release that did not store versions has the tables of version 1. */
function createVersionTable(tables: StateTables): void {
  tables.exec('CREATE TABLE read_models (name TEXT PRIMARY KEY, version INTEGER NOT NULL, objects TEXT NOT NULL, "cursor" INTEGER) STRICT')
  if (!exists(tables, 'actors')) return
  const insert = tables.prepare('INSERT INTO read_models (name, version, objects) VALUES (?, 1, ?)')
  for (const [name, objects] of Object.entries(objectsOfVersion1)) insert.run(name, JSON.stringify(objects))
}

/** Creates the tables of a model. The model is complete at once if there is no output yet, or if it is an index, which SQLite itself fills. */
function createModel(tables: StateTables, { name, version, sqlite }: KeptModel): void {
  tables.exec(sqlite.schema)
  const isIndex = sqlite.objects.every((object) => typeOf(tables, object) === 'index')
  const hasOutputs = tables.prepare('SELECT 1 AS one FROM outputs LIMIT 1').get() !== undefined
  const cursor = isIndex || !hasOutputs ? null : 0
  tables.prepare('INSERT INTO read_models (name, version, objects, "cursor") VALUES (?, ?, ?, ?)').run(name, version, JSON.stringify(sqlite.objects), cursor)
}

function deleteModel(tables: StateTables, name: string): void {
  const row = tables.prepare('DELETE FROM read_models WHERE name = ? RETURNING objects').get(name)
  for (const object of JSON.parse(String(row?.['objects'])) as string[]) {
    // An index may be gone already, with the table of another model.
    const type = typeOf(tables, object)
    if (type !== undefined) tables.exec(`DROP ${type} "${object}"`)
  }
}

function exists(tables: StateTables, name: string): boolean {
  return typeOf(tables, name) !== undefined
}

function typeOf(tables: StateTables, name: string): 'table' | 'index' | undefined {
  return tables.prepare("SELECT type FROM sqlite_schema WHERE name = ? AND type IN ('table', 'index')").get(name)?.['type'] as 'table' | 'index' | undefined
}
