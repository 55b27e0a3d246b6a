import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import { AppProcess } from '../../scripts/local/app-process.ts'
import { Broker } from '../../scripts/local/broker.ts'

// The broker of the other tests allows sessions of 1 s. This broker has the default limits. Without the check the processor would try to join for ever.
it('a processor whose RONDO_SESSION the brokers do not allow is refused at its start, with a sentence that names both', async () => {
  using home = temporaryFolder()
  await build({ onlyIfStale: true })
  const broker = await Broker.start(home.path)
  try {
    await broker.stop()
    appendFileSync(join(home.path, 'server.properties'), 'group.min.session.timeout.ms=6000\n')
    await broker.start()
    await broker.prepare({ group: 'rondo', partitions: 1, replication: 1, identity: {} })
    const login = broker.loginOf('processor')
    const settings = { ...login, RONDO_BROKERS: broker.address, RONDO_REPLICATION: '1', RONDO_PARTITIONS: '1', RONDO_PORT: '0', RONDO_SHORT_GRACE: 'yes' }
    const definition = join(import.meta.dirname, 'pulse.yaml')
    const processor = new AppProcess('processor', { ...settings, RONDO_DEFINITION: definition, RONDO_SESSION: '2s' })
    await processor.ended
    expect(processor.child.exitCode).toBe(1)
    expect(processor.output).toMatch(/"level":"error".*RONDO_ARGUMENT_INVALID.*RONDO_SESSION.*group\.min\.session\.timeout\.ms/)
    const allowed = await new AppProcess('processor', { ...settings, RONDO_DEFINITION: definition, RONDO_SESSION: '6s' }).ready()
    expect(await allowed.stop()).toBe(0)
  } finally {
    await broker.kill()
  }
})
