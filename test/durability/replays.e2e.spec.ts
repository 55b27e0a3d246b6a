import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post, startApp } from '../fixtures/processes/running-app.ts'
import { readFolder } from './folder-contents.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const KILLS = isLong ? 60 : 9
const REFUSED_EACH = 250
const HOLD_MS = 150
const RANDOM_MS_MAX = 60
/** Before the events and the act of a step are written, after both are durable, and at any time. */
const AIMS = ['settlement enter', 'settlement leave', 'anywhere'] as const

const pulse = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition
const REPLAY = { all: true, repair: { map: { event: { text: 'Visit' } } } }

it('refused events whose replay is killed repeatedly become one event each, named by one receipt', async () => {
  using home = temporaryFolder()
  const [definition, faultLog] = [join(home.path, 'pulse.yaml'), join(home.path, 'faults')]
  writeFileSync(definition, PULSE)
  const args = ['--data', join(home.path, 'data'), '--definition', definition, '--catch-up', '0s']
  const sent: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const aim = AIMS[kill % AIMS.length] as (typeof AIMS)[number]
    writeFileSync(faultLog, '')
    const hold: Record<string, string> = aim === 'anywhere' ? {} : { RONDO_FAULT_HOLD: `${aim} ${HOLD_MS}` }
    const app = await startApp({ args, env: { RONDO_FAULT_LOG: faultLog, ...hold } })
    const batch = Array.from({ length: REFUSED_EACH }, (_, at) => ({ type: 'track', userId: `u${at % 20}`, messageId: `m-${kill}-${at}` }))
    expect((await post(`${app.url}/v1/batch`, { batch })).body['accepted']).toBe(0)
    sent.push(...batch.map(({ messageId }) => messageId))
    const answer = post(`${app.url}/v1/quarantine/replay`, REPLAY).catch(() => undefined)
    if (aim === 'anywhere') await sleep(Math.random() * RANDOM_MS_MAX)
    else
      await eventually(
        () => readFileSync(faultLog, 'utf8').includes(' held\n'),
        (isHeld) => isHeld,
      )
    await app.kill()
    await answer
  }

  const app = await startApp({ args })
  let more = true
  while (more) more = (await post(`${app.url}/v1/quarantine/replay`, { ...REPLAY, limit: 10_000 })).body['more'] === true
  const { items: open } = (await (await fetch(`${app.url}/v1/quarantine`)).json()) as { items: unknown[] }
  const { items: receipts } = (await (await fetch(`${app.url}/v1/quarantine/receipts`)).json()) as { items: { id: string }[] }
  const named: string[] = []
  for (const { id } of receipts) {
    const { items } = (await (await fetch(`${app.url}/v1/quarantine/receipts/${id}`)).json()) as { items: { event: string }[] }
    named.push(...items.map(({ event }) => event))
  }
  await app.stop()

  const { records } = await readFolder(join(home.path, 'data'), pulse)
  const inLog = records.flatMap((record) => ('record' in record ? [] : [record.id]))
  expect(open).toEqual([])
  expect(inLog.sort()).toEqual(sent.toSorted())
  expect(named.sort()).toEqual(sent.toSorted())
  expect(receipts.length).toBeGreaterThan(KILLS / AIMS.length)
})
