import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../../scripts/local/local-cluster.ts'
import { root } from '../../../scripts/root.ts'
import { type RunningApp, startApp } from '../../fixtures/processes/running-app.ts'

/** A server that gets the requests. */
export interface Subject {
  readonly name: string
  readonly url: string
  readonly key: string
  /** The process that answers. */
  readonly pid: number
  stop(): Promise<unknown>
}

const ADMIN_KEY = /rondo_admin_\w+/
const CYCLE = join(root, 'deploy/cycles/shopper.yaml')

/** All of Rondo in one process on a new folder, with keys; it folds what it accepts. */
export async function embedded(): Promise<Subject> {
  const folder = temporaryFolder()
  const app: RunningApp = await startApp({ args: ['--data', join(folder.path, 'data'), '--definition', CYCLE, '--keys', 'required'] })
  const stop = async (): Promise<void> => {
    await app.stop()
    folder[Symbol.dispose]()
  }
  return { name: 'rondo start', url: app.url, key: keyIn(app.output), pid: app.child.pid ?? 0, stop }
}

/** Ingest on a broker of this machine, with keys; a processor folds beside it. */
export async function onKafka(): Promise<Subject> {
  const folder = temporaryFolder()
  const counts = { ingest: 1, processor: 1, serving: 0, reactor: 0 }
  const cluster = await LocalCluster.start({ folder: folder.path, definition: CYCLE, partitions: 6, counts, settings: { RONDO_KEYS: 'required' } })
  const [ingest] = cluster.of('ingest')
  if (ingest === undefined) throw new TypeError('No ingest process runs.')
  const stop = async (): Promise<void> => {
    await cluster.stop()
    folder[Symbol.dispose]()
  }
  return { name: 'ingest on Kafka', url: ingest.url, key: keyIn(ingest.printed), pid: ingest.child.pid ?? 0, stop }
}

/** A Fastify route that only parses the same bodies. */
export async function bareRoute(): Promise<Subject> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../peers/bare-route/main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  return { name: 'a bare route', url: /http:\S+/.exec(String(line))?.[0] ?? '', key: 'none', pid: child.pid ?? 0, stop }
}

function keyIn(printed: string): string {
  const [key] = ADMIN_KEY.exec(printed) ?? []
  if (key === undefined) throw new TypeError(`no first admin key in ${JSON.stringify(printed)}`)
  return key
}
