import { Redis } from 'ioredis'
import { TamperingProxy } from '../fixtures/redis/tampering-proxy.ts'
import type { Fault } from './fault.ts'
import { stagesOf, waitForReason } from './operator-faults.ts'
import type { Trial } from './trial.ts'

/**
 * Checks that serving gives no wrong counts after a loss. In this cycle an actor leaves all stages only by a retraction of all its outputs. So
 * serving must count every actor that it counted before the loss, or refuse to answer.
 */
async function checkCounts(trial: Trial, totalBefore: number): Promise<void> {
  for (let polls = 0; polls < 40; polls++) {
    for (const serving of trial.of('serving')) {
      const { status, stages } = await stagesOf(serving)
      if (status === 503) continue
      if (status !== 200 || (stages.total ?? 0) < 0.9 * totalBefore || stages.asOf?.logTime === null) {
        trial.defects.push(`after the loss, which followed a total of ${totalBefore}, the answer is ${status} ${JSON.stringify(stages)}`)
      }
    }
  }
}

/** Empties Redis and lets it accept no writes: nobody can fill the models again, so each serving process must refuse to answer. */
async function checkRefusals(trial: Trial): Promise<void> {
  const { redis } = trial.shared
  await redis.command('CONFIG', 'SET', 'maxmemory', '1')
  try {
    await redis.command('FLUSHALL')
    for (const serving of trial.of('serving')) {
      const { status } = await stagesOf(serving)
      if (status !== 503) trial.defects.push(`Redis is empty, and serving answers with ${status}`)
    }
  } finally {
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  }
}

const killed: Fault = {
  name: 'Redis is killed and started again without data',
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.shared.redis.kill()
    await trial.wait(500, 3000)
    await trial.shared.redis.start()
    await trial.wait(1000)
  },
}

const flushed: Fault = {
  name: 'Redis is flushed while two projectors use it',
  counts: { serving: 2 },
  async run(trial) {
    await trial.wait(500, 1500)
    let totalBefore = 0
    for (let flushes = 0; flushes < 3; flushes++) {
      await trial.wait(100, 1500)
      for (const serving of trial.of('serving')) {
        const { status, stages } = await stagesOf(serving)
        if (status === 200) totalBefore = Math.max(totalBefore, stages.total ?? 0)
      }
      await trial.shared.redis.command('FLUSHALL')
      await checkCounts(trial, totalBefore)
    }
    await checkRefusals(trial)
  },
}

const cut: Fault = {
  name: 'connections to Redis are cut after the script ran and before its answer arrives',
  async run(trial) {
    const proxy = await TamperingProxy.to(trial.shared.redis.port)
    trial.cleanups.push(() => proxy.close())
    const before = trial.of('serving')
    await trial.start('serving', 1, { RONDO_REDIS: trial.shared.redis.url.replace(/\d+$/, String(proxy.port)) })
    await Promise.all(before.map((serving) => trial.retire(serving)))
    for (let cuts = 0; cuts < 10; cuts++) {
      await trial.wait(50, 500)
      proxy.cutNextAnswer()
    }
    await trial.wait(500)
    if (proxy.cuts < 5) trial.defects.push(`only ${proxy.cuts} connections were cut`)
  },
}

const paused: Fault = {
  name: 'one of two projectors is paused, then resumes',
  counts: { serving: 2 },
  async run(trial) {
    for (let times = 0; times < 2; times++) {
      await trial.wait(0, 800)
      await trial.pause(trial.random.pick(trial.of('serving')), trial.random.between(500, 3000))
    }
  },
}

/** How Redis refuses the apps, and accepts them again. */
interface Lock {
  readonly close: readonly [string, ...string[]]
  readonly open: readonly [string, ...string[]]
  readonly reason: RegExp
}
const PASSWORD: Lock = { close: ['CONFIG', 'SET', 'requirepass', 'quite-secret'], open: ['CONFIG', 'SET', 'requirepass', ''], reason: /NOAUTH.*RONDO_REDIS/ }
/** Where each user has a password already, the user of the apps is switched off. */
const USER_OFF: Lock = { close: ['ACL', 'SETUSER', 'rondo', 'off'], open: ['ACL', 'SETUSER', 'rondo', 'on'], reason: /WRONGPASS.*RONDO_REDIS/ }

const refused: Fault = {
  name: 'Redis gets a password while it is used, and later loses it again',
  async run(trial) {
    await trial.wait(500, 1500)
    const { redis } = trial.shared
    const lock = redis.users === undefined ? PASSWORD : USER_OFF
    const admin = new Redis(redis.url, redis.administrator)
    trial.cleanups.push(() => admin.disconnect())
    await admin.call(...lock.close)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await waitForReason(trial, trial.of('serving'), lock.reason)
    await admin.call(...lock.open)
    await waitForReason(trial, trial.of('serving'), /^$/)
    for (const { output } of trial.of('serving')) if (output.includes('secret')) trial.defects.push('the secret was printed')
  },
}

/** Faults of Redis. */
export const redisFaults: readonly Fault[] = [killed, flushed, cut, paused, refused]
