import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

let browser: Browser
let home: TemporaryFolder
let app: RunningApp

beforeAll(async () => {
  browser = await launchChromium()
  home = temporaryFolder()
  const definitions = ['deploy/cycles/shopper.yaml', 'test/fixtures/cycles/presence-30d.yaml'].map((file) => join(root, file))
  app = await startApp({
    args: ['--data', join(home.path, 'data'), ...definitions.flatMap((file) => ['--definition', file]), '--short-grace', '--catch-up', '0s'],
  })
  await post(`${app.url}/v1/track`, { userId: 'ann', event: 'Order Completed', properties: { cds: 1, dollars: 12 } })
})
afterAll(async () => {
  await browser.close()
  await app.stop()
  home[Symbol.dispose]()
})

it('the page shows the cycle of its address, and leads to the others', async () => {
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  // The page looks an actor up once, so the event is folded before.
  for (const cycle of ['presence', 'shopper']) {
    await eventually(
      async () => (await (await fetch(`${app.url}/v1/cycles/${cycle}/stages`)).json()) as { total: number },
      ({ total }) => total === 1,
    )
  }
  await page.goto(`${app.url}/?cycle=presence#actor=ann`)
  await eventually(
    async () => (await page.locator('#actor').textContent()) ?? '',
    (text) => text.includes('user ann: Here'),
  )
  expect([await page.title(), await page.locator('#cycles [aria-current]').textContent()]).toEqual(['People · Here or away · Rondo', 'Here or away'])
  await page.getByRole('link', { name: 'Customers of a CD shop' }).click()
  // Both cycles are about users, so the one that was looked up stays in the address.
  await eventually(
    async () => (await page.locator('#actor').textContent()) ?? '',
    (text) => text.includes('user ann: Occasional'),
  )
  expect(page.url()).toBe(`${app.url}/?view=people&cycle=shopper&actor=ann`)
  await page.goto(`${app.url}/?cycle=nothing`)
  await eventually(
    async () => (await page.locator('#main').textContent()) ?? '',
    (text) => text.includes('There is no such cycle here'),
  )
  expect(errors).toEqual([])
  await page.close()
})

it('the metrics of the fold name the cycle', async () => {
  const text = await app.metrics()
  for (const cycle of ['shopper', 'presence']) expect(text).toMatch(new RegExp(`^rondo_actors\\{[^}]*cycle="${cycle}"[^}]*\\} 1$`, 'm'))
})
