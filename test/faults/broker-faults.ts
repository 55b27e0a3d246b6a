import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../scripts/local/free-port.ts'
import { TamperingProxy } from '../fixtures/redis/tampering-proxy.ts'
import type { Fault } from './fault.ts'
import type { Trial } from './trial.ts'
import type { TrialServers } from './trial-servers.ts'

const killed: Fault = {
  name: 'the broker is killed and started again',
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.shared.broker.kill()
    await trial.wait(500, 3000)
    await trial.shared.broker.start()
    await trial.wait(3000)
  },
}

const restarted: Fault = {
  name: 'the broker, with all coordinators, has an orderly restart',
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.shared.broker.stop()
    await trial.wait(0, 1000)
    await trial.shared.broker.start()
    await trial.wait(3000)
  },
}

const cut: Fault = {
  name: 'connections to the broker are cut before its answer arrives',
  async run(trial) {
    const proxy = await proxied(trial.shared)
    trial.cleanups.push(() => proxy.close())
    await moveTo(trial, `127.0.0.1:${proxy.port}`)
    for (let cuts = 0; cuts < 15; cuts++) {
      await trial.wait(30, 400)
      proxy.cutNextAnswer()
    }
    await trial.wait(500)
    if (proxy.cuts < 10) trial.defects.push(`only ${proxy.cuts} connections were cut`)
  },
}

/** Gives the broker one more listener, with the proxy's address. */
async function proxied({ broker }: TrialServers): Promise<TamperingProxy> {
  const [port = 0] = await freePorts(1)
  const proxy = await TamperingProxy.to(port)
  const file = join(broker.folder, 'server.properties')
  const settings = readFileSync(file, 'utf8')
  const protocol = broker.users === undefined ? 'PLAINTEXT' : 'SASL_SSL'
  const lines = [
    ['listeners', `CUT://127.0.0.1:${port}`],
    ['advertised.listeners', `CUT://127.0.0.1:${proxy.port}`],
    ['listener.security.protocol.map', `CUT:${protocol}`],
  ].map(([name = '', addition = '']) => `${name}=${[...valuesOf(settings, name), addition].join(',')}\n`)
  // The logins of the listener are those of the first one; there are none without TLS.
  const logins = settings.match(/^listener\.name\.sasl_ssl\..*\n/gm)?.map((line) => line.replace('sasl_ssl', 'cut')) ?? []
  await broker.stop()
  // If the file has a name twice, the later value counts.
  appendFileSync(file, [...lines, ...logins].join(''))
  await broker.start()
  return proxy
}

/** The first values of a setting. */
function valuesOf(settings: string, name: string): string[] {
  const line = settings.split('\n').find((text) => text.startsWith(`${name}=`)) ?? ''
  return line.slice(name.length + 1).split(',')
}

/** Replaces ingest and processors by processes that use other addresses of the brokers. */
async function moveTo(trial: Trial, address: string): Promise<void> {
  const before = [...trial.of('processor'), ...trial.of('ingest')]
  const extra = { RONDO_BROKERS: address }
  await Promise.all([trial.start('processor', 2, extra), trial.start('ingest', 1, extra)])
  await Promise.all(before.map((process) => trial.retire(process)))
}

/** Faults of brokers. */
export const brokerFaults: readonly Fault[] = [killed, restarted, cut]
