import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

const DAY = 86_400_000

describe('the page', () => {
  let browser: Browser
  let home: TemporaryFolder
  let app: RunningApp
  let page: Page
  const consoleErrors: string[] = []
  const requested: string[] = []

  beforeAll(async () => {
    browser = await launchChromium()
    home = temporaryFolder()
    app = await start()
  })
  afterAll(async () => {
    await browser.close()
    await app.stop()
    home[Symbol.dispose]()
  })
  beforeEach(async () => {
    page = await browser.newPage()
    consoleErrors.length = 0
    requested.length = 0
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && consoleErrors.push(message.text()))
    page.on('pageerror', (error) => consoleErrors.push(String(error)))
    page.on('request', (request) => requested.push(request.url()))
  })
  afterEach(async () => {
    await page.close()
    expect(requested.filter((url) => !url.startsWith(app.url))).toEqual([])
  })

  function start(port = '0'): Promise<RunningApp> {
    const definition = join(root, 'deploy', 'cycles', 'shopper.yaml')
    return startApp({ args: ['--port', port, '--data', join(home.path, 'data'), '--definition', definition, '--catch-up', '0s'] })
  }

  const order = (userId: string, daysAgo = 0) => {
    const timestamp = new Date(Date.now() - daysAgo * DAY).toISOString()
    return post(`${app.url}/v1/track`, { userId, event: 'Order Completed', properties: { cds: 1, dollars: 12 }, timestamp })
  }
  const count = async (stage: string) => Number(await page.locator(`tr[data-stage="${stage}"] td.number`).first().textContent())
  const total = async () => Number(await page.locator('#total').textContent())

  const until = (holds: () => Promise<boolean>): Promise<boolean> => eventually(holds, Boolean)

  it('shows every stage, and updates the counts', async () => {
    await page.goto(app.url)
    await until(async () => (await page.locator('#stages tbody tr').count()) === 6)
    const before = await count('connection')
    await order('first')
    await until(async () => (await count('connection')) === before + 1)
    await until(async () => (await page.locator('#transitions li').first().textContent())?.includes('user first began at Occasional: first order') ?? false)
    expect(await total()).toBe(before + 1)
    const dated = /^as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d+ s ago$/
    await until(async () => dated.test((await page.locator('[data-freshness]').first().textContent()) ?? ''))
    expect(consoleErrors).toEqual([])
  })

  it('announces to screen readers how many transitions there were', async () => {
    await page.goto(app.url)
    await until(async () => (await page.locator('#stages tbody tr').count()) === 6)
    await Promise.all(['x', 'y', 'z'].map((id) => order(id)))
    await until(async () => /new transitions, the last: user . began|user . began/.test((await page.locator('#news[aria-live=polite]').textContent()) ?? ''))
  })

  it('shows the stage of an actor and why, with the keyboard alone', async () => {
    await order('keys/1 é')
    await page.goto(app.url)
    await page.waitForSelector('#stages tbody tr')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the stages')
    for (let i = 0; i < 5 && (await page.evaluate('document.activeElement.id')) !== 'actor-id'; i++) await page.keyboard.press('Tab')
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    expect(outline).toBe('solid')
    await page.keyboard.type('keys/1 é')
    await page.keyboard.press('Enter')
    await until(async () => (await page.locator('#actor').textContent())?.includes('user keys/1 é: Occasional') ?? false)
    expect(await page.evaluate('document.activeElement.id')).toBe('actor')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await until(() => page.locator('#actor details li', { hasText: 'rule first-order, cause purchase' }).isVisible())
    expect(consoleErrors).toEqual([])
  })

  it('reports an unknown actor, and shows names as text only', async () => {
    await order('<img src=x onerror=alert(1)>')
    await page.goto(`${app.url}/#actor=nobody`)
    await until(async () => (await page.locator('#actor').textContent())?.startsWith('There is no user nobody here, and no event of it') ?? false)
    await page.goto(`${app.url}/#actor=${encodeURIComponent('<img src=x onerror=alert(1)>')}`)
    await until(async () => (await page.locator('#actor').textContent())?.includes('<img src=x onerror=alert(1)>: Occasional') ?? false)
    expect(await page.locator('main img').count()).toBe(0)
  })

  it('shows which events come in, with defects and lookalikes, with the keyboard too, and keeps opened details open', async () => {
    const schema = { properties: { properties: { required: ['article'] } } }
    await fetch(`${app.url}/v1/plan/events`, { method: 'PUT', body: JSON.stringify({ event: 'Article Read', schema }) })
    const send = (event: string, properties: object) => post(`${app.url}/v1/track`, { userId: 'reader', event, properties })
    await send('Article Read', {})
    await send('order_completed', {})
    await send('<b>bold</b>', {})
    await page.goto(app.url)
    const row = (event: string) => page.locator('#events tbody tr').filter({ has: page.getByRole('rowheader', { name: event, exact: true }) })
    await until(async () => (await row('Article Read').count()) === 1)
    expect(await row('order_completed').textContent()).toContain('looks like Order Completed')
    expect(await row('<b>bold</b>').textContent()).toContain('no signal')
    const summary = row('Article Read').locator('summary')
    expect(await summary.textContent()).toBe('1 defect of Article Read')
    await summary.focus()
    await page.keyboard.press('Enter')
    const sample = row('Article Read').locator('details li')
    await until(() => sample.isVisible())
    expect(await sample.textContent()).toContain('1 event: properties.article: expected a value, found nothing')
    await send('Article Read', {})
    await until(async () => (await sample.textContent())?.startsWith('2 events: ') ?? false)
    expect(await sample.isVisible()).toBe(true)
    expect(consoleErrors).toEqual([])
  })

  it('can be paused, and catches up afterwards', async () => {
    await page.goto(app.url)
    await until(async () => (await total()) > 0)
    const before = await total()
    await page.getByRole('button', { name: 'Pause' }).click()
    await order('unseen')
    await page.waitForTimeout(1500)
    expect(await total()).toBe(before)
    await page.getByRole('button', { name: 'Go on' }).click()
    await until(async () => (await total()) === before + 1)
  })

  it('fits on a narrow screen, and has names for all controls', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(app.url)
    await until(async () => (await total()) > 0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    const table = page.getByRole('table', { name: 'Where everyone is' })
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Stage', 'Actors', 'Share'])
    expect(await table.getByRole('rowheader').count()).toBe(7)
    expect(await page.getByRole('textbox', { name: 'Id of the user' }).count()).toBe(1)
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents()
    // Remarks are hidden while there are none.
    expect(headings.filter((text) => text !== 'Worth a look')).toEqual([
      'Where everyone is',
      'Where one is, and why',
      'What happened last',
      'Which events come in',
    ])
  })

  it.each(['light', 'dark'] as const)('can be read in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.goto(app.url)
    await until(async () => (await page.locator('#transitions li').count()) > 0)
    const faint = await page.evaluate<{ text: string; ratio: number }[]>(contrasts)
    expect(faint.filter(({ ratio }) => ratio < 4.5)).toEqual([])
    expect(faint.length).toBeGreaterThan(20)
  })

  it('shows refused events by their reasons, as text, once there are any', async () => {
    await page.goto(app.url)
    await until(async () => (await page.locator('#stages tbody tr').count()) === 6)
    expect(await page.locator('#refused').isVisible()).toBe(false)
    const calls = [
      { type: 'track', userId: 'a' },
      { type: 'track', userId: 'b' },
      { type: '<b>x</b>', userId: 'c' },
    ]
    await post(`${app.url}/v1/batch`, { batch: calls })
    await page.reload()
    await page.locator('#refused').waitFor()
    expect(await page.locator('#refused-summary').textContent()).toBe('3 are open')
    const items = await page.locator('#refused li').allTextContents()
    expect(items).toEqual([
      expect.stringMatching(/^2 × event: expected a name.*RONDO_EVENT_INVALID, such as a-2\)$/),
      expect.stringMatching(/^1 × type: expected one of/),
    ])
    expect(consoleErrors).toEqual([])
  })

  // This test is the last one, because it ends the process that the other tests use.
  it('reports that the server does not answer, and continues when it answers again', async () => {
    await page.goto(app.url)
    await until(async () => (await total()) > 0)
    const [before, port] = [await total(), new URL(app.url).port]
    await app.stop()
    await until(() => page.getByRole('alert').isVisible())
    app = await start(port)
    await order('later')
    await until(async () => (await total()) === before + 1)
    await until(async () => !(await page.getByRole('alert').isVisible()))
  })
})

/** Runs in the page. Computes the contrast between text and background of each element that has text, as WCAG 2.2 defines it. */
const contrasts = `(() => {
  const parts = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = (color) => {
    const [r, g, b] = parts(color).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const backgroundOf = (element) => {
    const background = getComputedStyle(element).backgroundColor
    return parts(background)[3] === 0 ? backgroundOf(element.parentElement) : background
  }
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '')
  return [...document.querySelectorAll('body *')]
    .filter((element) => hasText(element) && element.checkVisibility())
    .map((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))]
      return { text: element.textContent, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }
    })
})()`
