import { readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Gauge, type Registry } from 'prom-client'

/** Gauges of the disk of a data folder. */
export function folderGauges(registry: Registry, folder: string): void {
  const used: Gauge = new Gauge({
    name: 'rondo_data_bytes',
    help: 'Bytes of all files in the data folder',
    registers: [registry],
    collect: () => used.set(readdirSync(folder).reduce((sum, name) => sum + bytesOf(join(folder, name)), 0)),
  })
  const free: Gauge = new Gauge({
    name: 'rondo_data_free_bytes',
    help: 'Bytes that are free on the disk of the data folder',
    registers: [registry],
    collect() {
      const { bavail, bsize } = statfsSync(folder)
      free.set(bavail * bsize)
    },
  })
}

/** SQLite deletes files beside a database when it closes it. */
const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
