import { TamperingProxy } from '../redis/tampering-proxy.ts'
import type { Fault } from './fault.ts'

const killed: Fault = {
  name: 'Redis is killed and comes back empty',
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.ground.redis.kill()
    await trial.wait(500, 3000)
    await trial.ground.redis.start()
    await trial.wait(1000)
  },
}

const flushed: Fault = {
  name: 'Redis is flushed under two projectors',
  counts: { serving: 2 },
  async run(trial) {
    for (let flushes = 0; flushes < 3; flushes++) {
      await trial.wait(100, 1500)
      await trial.ground.redis.command('FLUSHALL')
    }
  },
}

const cut: Fault = {
  name: 'connections to Redis are cut when the script has just run',
  async run(trial) {
    const proxy = await TamperingProxy.to(trial.ground.redis.port)
    trial.cleanups.push(() => proxy.close())
    const before = trial.of('serving')
    await trial.start('serving', 1, { RONDO_REDIS: `redis://127.0.0.1:${proxy.port}` })
    await Promise.all(before.map((serving) => trial.retire(serving)))
    for (let cuts = 0; cuts < 10; cuts++) {
      await trial.wait(50, 500)
      proxy.cutNextAnswer()
    }
    await trial.wait(500)
    if (proxy.cuts < 5) trial.findings.push(`only ${proxy.cuts} connections were cut`)
  },
}

const frozen: Fault = {
  name: 'a projector stands still beside another, then goes on',
  counts: { serving: 2 },
  async run(trial) {
    for (let times = 0; times < 2; times++) {
      await trial.wait(0, 800)
      await trial.freeze(trial.dice.pick(trial.of('serving')), trial.dice.between(500, 3000))
    }
  },
}

export const redisFaults: readonly Fault[] = [killed, flushed, cut, frozen]
