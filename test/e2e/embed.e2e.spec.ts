import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { WebSite } from '../fixtures/processes/web-site.ts'

const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/
const STAGES = '/v1/cycles/shopper/stages'

describe('pages of other sites', () => {
  let browser: Browser
  let home: TemporaryFolder
  let app: RunningApp
  let known: WebSite
  let other: WebSite
  let link: string
  let keyId: string
  const admin: Record<string, string> = {}
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium()
    home = temporaryFolder()
    known = await WebSite.open()
    other = await WebSite.open()
    const definition = join(root, 'deploy', 'cycles', 'shopper.yaml')
    const access = ['--keys', 'required', '--embed-origins', known.origin]
    app = await startApp({ args: ['--port', '0', '--data', join(home.path, 'data'), '--definition', definition, '--catch-up', '0s', ...access] })
    admin['authorization'] = `Bearer ${ADMIN.exec(app.output)?.[1] ?? ''}`
    const key = await post(`${app.url}/v1/keys`, { role: 'read', name: 'site' }, admin)
    keyId = (key.body as { key: { id: string } }).key.id
    const made = await post(`${app.url}/v1/links`, { path: STAGES, key: keyId }, admin)
    link = `${app.url}${(made.body as { path: string }).path}`
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all([known.close(), other.close()])
    await app.stop()
    home[Symbol.dispose]()
  })
  afterEach(() => page.close())

  /** Opens a page of a site, and collects what its console reports. */
  async function open(site: WebSite, html: string): Promise<string[]> {
    const errors: string[] = []
    // A policy that allows neither inline styles nor inline scripts.
    const policy = `<meta http-equiv="content-security-policy" content="default-src 'none'; script-src ${app.url}; connect-src ${app.url}; frame-src ${app.url}">`
    site.show(`<!doctype html><html><head><title>Site</title>${policy}</head><body>${html}</body></html>`)
    page = await browser.newPage()
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.goto(site.origin)
    return errors
  }
  const component = (src: string) => `<script type="module" src="${app.url}/embed/rondo-stages.js"></script><rondo-stages src="${src}"></rondo-stages>`

  it('of a known origin show the counts of the stages with a signed link, and what comes in', async () => {
    const count = async () => (await page.locator('rondo-stages .count').allTextContents()).reduce((sum, text) => sum + Number(text), 0)
    const order = { userId: 'u1', event: 'Order Completed', properties: { cds: 1, dollars: 12 } }
    const errors = await open(known, component(link).replace('<rondo-stages', '<rondo-stages refresh="5"'))
    await page.locator('rondo-stages li').first().waitFor()
    const before = await count()
    await post(`${app.url}/v1/track`, order, admin)
    await eventually(count, (after) => after === before + 1)
    const answer = (await (await fetch(link)).json()) as { stages: { id: string }[] }
    const shown = await page.locator('rondo-stages li').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-stage')))
    expect(shown).toEqual(answer.stages.map(({ id }) => id))
    expect(errors).toEqual([])
  })

  it('of a known origin read nothing without a link, or with a changed one', async () => {
    await open(known, component(link))
    const statusOf = (url: string) => page.evaluate((asked) => fetch(asked).then(({ status }) => status), url)
    expect(await statusOf(link)).toBe(200)
    expect([401, 403]).toContain(await statusOf(`${app.url}${STAGES}`))
    expect(await statusOf(link.replace('/stages?', '/remarks?'))).toBe(401)
  })

  it('of another origin get neither the component nor an answer', async () => {
    const errors = await open(other, component(link))
    await eventually(
      async () => errors.length,
      (length) => length > 0,
    )
    expect(
      await page.evaluate(
        (url) =>
          fetch(url).then(
            ({ status }) => status,
            () => 'blocked',
          ),
        link,
      ),
    ).toBe('blocked')
    expect(await page.locator('rondo-stages li').count()).toBe(0)
  })

  it('may show the dashboard in a frame if their origin is known, and only with embed=1', async () => {
    await open(known, '')
    const policyOf = async (query: string) => (await fetch(`${app.url}/${query}`, { headers: admin })).headers
    const allowed = await policyOf('?view=people&embed=1')
    expect([allowed.get('content-security-policy')?.endsWith(`frame-ancestors ${known.origin}`), allowed.get('x-frame-options')]).toEqual([true, null])
    const usual = await policyOf('')
    expect([usual.get('content-security-policy')?.endsWith("frame-ancestors 'none'"), usual.get('x-frame-options')]).toEqual([true, 'DENY'])
  })

  it('end with the key of their link', async () => {
    await fetch(`${app.url}/v1/keys/${keyId}`, { method: 'DELETE', headers: admin })
    await open(known, component(link))
    await eventually(
      () => page.locator('rondo-stages .refused').textContent(),
      (text) => text?.includes('its key has ended') === true,
    )
  })
})

describe('the dashboard in a frame', () => {
  let browser: Browser
  let home: TemporaryFolder
  let app: RunningApp
  let known: WebSite
  let other: WebSite

  beforeAll(async () => {
    browser = await launchChromium()
    home = temporaryFolder()
    known = await WebSite.open()
    other = await WebSite.open()
    const definition = join(root, 'deploy', 'cycles', 'shopper.yaml')
    app = await startApp({ args: ['--port', '0', '--data', join(home.path, 'data'), '--definition', definition, '--embed-origins', known.origin] })
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all([known.close(), other.close()])
    await app.stop()
    home[Symbol.dispose]()
  })

  it('has the view without the menu on a page of a known origin, and nothing on any other', async () => {
    const page = await browser.newPage()
    const html = `<!doctype html><iframe src="${app.url}/?embed=1" width="900" height="700"></iframe>`
    known.show(html)
    await page.goto(known.origin)
    await page.frameLocator('iframe').locator('main .card').first().waitFor()
    expect(await page.frameLocator('iframe').locator('.sidebar').count()).toBe(0)
    // A reader goes on inside of the frame, and loads it again there.
    await page.frameLocator('iframe').locator('tr[data-stage="retention"] a.count').first().click()
    await page.frameLocator('iframe').locator('.members').waitFor()
    const frame = page.frames().find((each) => each.url().startsWith(app.url))
    expect(new URL(frame?.url() ?? '').search).toBe('?view=people&stage=retention&embed=1')
    await frame?.goto(frame.url())
    await page.frameLocator('iframe').locator('.members').waitFor()
    expect(await page.frameLocator('iframe').locator('.sidebar').count()).toBe(0)
    other.show(html)
    await page.goto(other.origin)
    await page.waitForLoadState('networkidle')
    expect(await page.frameLocator('iframe').locator('main').count()).toBe(0)
    known.show(html.replace('?embed=1', ''))
    await page.goto(known.origin)
    await page.waitForLoadState('networkidle')
    expect(await page.frameLocator('iframe').locator('main').count()).toBe(0)
  })
})
