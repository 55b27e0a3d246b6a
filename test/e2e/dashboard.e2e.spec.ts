import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { axeDefects, type WatchedPage, watchedPage } from '../fixtures/processes/watched-page.ts'

const DAY = 86_400_000

describe('the dashboard', () => {
  let browser: Browser
  let home: TemporaryFolder
  let app: RunningApp
  let watched: WatchedPage
  let page: Page

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
    watched = await watchedPage(browser)
    page = watched.page
  })
  afterEach(async () => {
    await page.close()
    expect(watched.requested.filter((url) => !url.startsWith(app.url) && !url.startsWith('blob:'))).toEqual([])
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
  const open = async (path = '/') => {
    await page.goto(`${app.url}${path}`)
    await page.locator('main .card').first().waitFor()
  }
  const stageRows = () => page.locator('tr[data-stage]').count()

  it('shows every stage, and updates the counts when events come in', async () => {
    await open()
    await until(async () => (await stageRows()) === 6)
    const before = await count('connection')
    await order('first')
    await until(async () => (await count('connection')) === before + 1)
    await until(async () => (await page.locator('#transitions li').first().textContent())?.includes('user first began at Occasional: first order') ?? false)
    expect(await total()).toBe(before + 1)
    expect(await page.locator('a.ring-node').first().getAttribute('aria-label')).toBe(`${before + 1} Occasional: open the list`)
    const dated = /^as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d+ s ago$/
    await until(async () => dated.test((await page.locator('[data-freshness]').first().textContent()) ?? ''))
    expect(watched.errors).toEqual([])
  })

  it('announces to screen readers how many transitions there were', async () => {
    await open()
    await until(async () => (await stageRows()) === 6)
    await Promise.all(['x', 'y', 'z'].map((id) => order(id)))
    await until(async () => /new transitions, the last: user . began|user . began/.test((await page.locator('#news[aria-live=polite]').textContent()) ?? ''))
  })

  it('opens each count as a list of that length, page by page', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, index) => order(`many-${index}`)))
    await open()
    await until(async () => (await count('connection')) >= 130)
    const shown = await count('connection')
    await page.getByRole('link', { name: new RegExp(`^${shown} in Occasional: open the list$`) }).click()
    await page.locator('.members tbody tr').first().waitFor()
    await page.getByRole('button', { name: 'Show more' }).click()
    await until(async () => (await page.locator('.members tbody tr').count()) === shown)
    expect(await page.locator('[data-listed]').textContent()).toBe(`${shown} of ${shown} listed`)
    expect(new URL(page.url()).search).toBe('?view=people&stage=connection')
    await page.goBack()
    await until(async () => (await stageRows()) === 6)
  })

  it('shows the stage of an actor and why, with the keyboard alone', async () => {
    await order('keys/1 é')
    await open()
    const focused = (property: string) => page.evaluate(`document.activeElement.${property}`)
    await page.keyboard.press('Tab')
    expect(await focused('textContent')).toBe('Skip to the content')
    for (let i = 0; i < 6 && (await focused('textContent')) !== 'People'; i++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await until(async () => (await focused('textContent')) === 'People' && (await focused('tagName')) === 'H1')
    await page.keyboard.press('Tab')
    expect([await focused('id'), await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')]).toEqual(['actor-id', 'solid'])
    await page.keyboard.type('keys/1 é')
    await page.keyboard.press('Enter')
    await until(async () => (await page.locator('#actor').textContent())?.includes('user keys/1 é: Occasional') ?? false)
    expect(await focused('id')).toBe('actor')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await until(() => page.locator('#actor details li', { hasText: 'rule first-order, cause purchase' }).isVisible())
    expect(await page.locator('.prospect').textContent()).toContain('Not before')
    expect(watched.errors).toEqual([])
  })

  it('reports an unknown actor, and shows names as text only, also at addresses of the earlier page', async () => {
    await order('<img src=x onerror=alert(1)>')
    await page.goto(`${app.url}/#actor=nobody`)
    await until(async () => (await page.locator('#actor').textContent())?.startsWith('There is no user nobody here, and no event of it') ?? false)
    expect(new URL(page.url()).search).toBe('?view=people&actor=nobody')
    await page.goto(`${app.url}/?view=people&actor=${encodeURIComponent('<img src=x onerror=alert(1)>')}`)
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
    await open('/?view=events')
    const row = (event: string) => page.locator('.event-names tbody tr').filter({ has: page.getByRole('rowheader', { name: event, exact: true }) })
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
    expect(watched.errors).toEqual([])
  })

  it('can be paused, and catches up afterwards', async () => {
    await open()
    await until(async () => (await stageRows()) === 6 && (await total()) > 0)
    const before = await total()
    await page.getByRole('button', { name: 'Pause' }).click()
    await order('unseen')
    await page.waitForTimeout(1500)
    expect(await total()).toBe(before)
    await page.getByRole('button', { name: 'Go on' }).click()
    await until(async () => (await total()) === before + 1)
  })

  it('shows refused events by their reasons, as text, with the events behind each count', async () => {
    const calls = [
      { type: 'track', userId: 'a' },
      { type: 'track', userId: 'b' },
      { type: '<b>x</b>', userId: 'c' },
    ]
    await post(`${app.url}/v1/batch`, { batch: calls })
    await open()
    await page.getByText('Worth a look').getByText('3 refused events').waitFor()
    await page.getByRole('link', { name: 'Open the events' }).click()
    await page.locator('#refused').waitFor()
    expect(await page.locator('#refused-summary').textContent()).toBe('3 are open')
    const reasons = page.locator('#refused summary')
    expect(await reasons.allTextContents()).toEqual([
      expect.stringMatching(/^2 × event: expected a name.* RONDO_EVENT_INVALID: open the events$/),
      expect.stringMatching(/^1 × type: expected one of/),
    ])
    await reasons.first().click()
    await until(async () => (await page.locator('#refused .raw-events').first().locator('li').count()) === 2)
    expect(watched.errors).toEqual([])
  })

  it.each(['cycle', 'people', 'people&actor=first', 'live', 'events'])(
    'fits on a narrow screen and has no defect that axe finds, in both themes: view=%s',
    async (view) => {
      await page.setViewportSize({ width: 360, height: 740 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await open(`/?view=${view}`)
        await until(async () => (await page.locator('.loading').count()) === 0)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
        expect(await axeDefects(page)).toEqual([])
      }
      expect(watched.errors).toEqual([])
    },
  )

  it('keeps the chosen colours', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await open()
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    for (const name of ['System colours', 'Light colours']) await page.getByRole('button', { name: `${name}: change` }).click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await ground()).toBe(dark)
  })

  it('offers the traits that there are, and their values, to a filter', async () => {
    await order('resident')
    await post(`${app.url}/v1/identify`, { userId: 'resident', traits: { country: 'NL' } })
    // The trait may be known before the stage of its actor, and values are those of actors in a stage.
    const values = async () => (await (await fetch(`${app.url}/v1/cycles/shopper/breakdowns?trait=country`)).json()) as { items?: readonly unknown[] }
    await until(async () => (await values()).items?.length === 2)
    await open('/?view=breakdown')
    await page.getByRole('button', { name: '+ Filter' }).click()
    const filter = page.getByRole('form', { name: 'Only actors with a trait' })
    await filter.locator('datalist option[value=country]').waitFor({ state: 'attached' })
    await page.keyboard.type('country')
    await filter.locator('datalist option[value=NL]').waitFor({ state: 'attached' })
    await filter.getByLabel('Value').fill('NL')
    await page.keyboard.press('Enter')
    await page.getByText('country is NL').waitFor()
    expect(new URL(page.url()).searchParams.get('where')).toBe('country:NL')
  })

  // This test is the last one, because it ends the process that the other tests use.
  it('reports that the server does not answer, and continues when it answers again', async () => {
    await open()
    await until(async () => (await stageRows()) === 6 && (await total()) > 0)
    const [before, port] = [await total(), new URL(app.url).port]
    await app.stop()
    await until(() => page.getByRole('alert').isVisible())
    app = await start(port)
    await order('later')
    await until(async () => (await total()) === before + 1)
    await until(async () => !(await page.getByRole('alert').isVisible()))
  })
})
