import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The state of the import of the example purchases. An interrupted import into Kafka cannot be continued. */
type DemoState = 'none' | 'begun' | 'done'

/** What the folder of a local cluster keeps between two starts. */
interface Kept {
  readonly partitions: number
  readonly demo: DemoState
}

/** The folder of a cluster: its own state beside the data of its broker and its Redis. */
export class ClusterFolder {
  readonly path: string
  readonly isNew: boolean
  #kept: Kept

  /** @throws TypeError with what to do, if the folder cannot be used with these options */
  constructor(path: string, partitions: number | undefined) {
    mkdirSync(path, { recursive: true })
    this.path = path
    this.isNew = !existsSync(this.#file)
    this.#kept = this.isNew ? { partitions: partitions ?? 3, demo: 'none' } : (JSON.parse(readFileSync(this.#file, 'utf8')) as Kept)
    const stored = this.#kept
    if (partitions !== undefined && partitions !== stored.partitions)
      throw new TypeError(
        `The topics in ${path} have ${stored.partitions} partitions, not ${partitions}. Leave --partitions out, or name another --data folder.`,
      )
    if (stored.demo === 'begun')
      throw new TypeError(`The import of the purchases into ${path} was cut off, and cannot be continued. Delete the folder, or name another with --data.`)
    if (this.isNew) this.#write()
  }

  get partitions(): number {
    return this.#kept.partitions
  }

  /** Stores the state of the import. */
  note(demo: DemoState): void {
    this.#kept = { ...this.#kept, demo }
    this.#write()
  }

  get #file(): string {
    return join(this.path, 'cluster.json')
  }

  /** Writes the file completely or not at all. */
  #write(): void {
    const draft = `${this.#file}.new`
    writeFileSync(draft, `${JSON.stringify(this.#kept)}\n`)
    renameSync(draft, this.#file)
  }
}
