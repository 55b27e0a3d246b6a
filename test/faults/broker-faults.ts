import { proxiedListener } from '../fixtures/broker/proxied-listener.ts'
import type { Fault } from './fault.ts'
import type { Trial } from './trial.ts'

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
    const proxy = await proxiedListener(trial.shared.broker)
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

/** Replaces ingest and processors by processes that use other addresses of the brokers. */
async function moveTo(trial: Trial, address: string): Promise<void> {
  const before = [...trial.of('processor'), ...trial.of('ingest')]
  const extra = { RONDO_BROKERS: address }
  await Promise.all([trial.start('processor', 2, extra), trial.start('ingest', 1, extra)])
  await Promise.all(before.map((process) => trial.retire(process)))
}

/** Faults of brokers. */
export const brokerFaults: readonly Fault[] = [killed, restarted, cut]
