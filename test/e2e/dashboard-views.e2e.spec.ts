import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { axeDefects, type WatchedPage, watchedPage } from '../fixtures/processes/watched-page.ts'

/** A number as a reader sees it. */
const numberOf = (text: string | null): number => Number((text ?? '').replaceAll(',', ''))

describe('the views over ranges, on the purchases that come with Rondo', () => {
  let browser: Browser
  let home: TemporaryFolder
  let app: RunningApp
  let watched: WatchedPage
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium()
    home = temporaryFolder()
    const definition = join(root, 'deploy', 'cycles', 'shopper.yaml')
    app = await startApp({ args: ['--data', join(home.path, 'data'), '--definition', definition, '--demo', 'yes'] })
    await app.prints(/purchases are in/)
    // All are there early; that most of them went away since is what the import comes to at its end.
    const away = async () => (await countsOf('by=month')).items.at(-1)?.stages['disengagement']?.after ?? 0
    await eventually(away, (actors) => actors > 19_500)
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
    expect(watched.errors).toEqual([])
  })

  /** An answer about the cycle. */
  async function ask<T>(path: string): Promise<T> {
    return (await (await fetch(`${app.url}/v1/cycles/shopper/${path}`)).json()) as T
  }
  interface Counts {
    readonly items: readonly {
      readonly total: number
      readonly stages: Readonly<Record<string, Readonly<Record<'before' | 'entered' | 'left' | 'after', number>>>>
    }[]
  }
  /** The range that the dashboard shows unless another one is chosen: it ends with this hour. */
  function yearQuery(): string {
    const end = Math.ceil(Date.now() / 3_600_000) * 3_600_000
    return `from=${new Date(end - 365 * 86_400_000).toISOString()}&until=${new Date(end).toISOString()}`
  }
  const countsOf = (query: string): Promise<Counts> => ask<Counts>(`counts?${yearQuery()}&${query}`)
  const until = (holds: () => Promise<boolean>): Promise<boolean> => eventually(holds, Boolean)
  const open = async (path: string) => {
    await page.goto(`${app.url}${path}`)
    await page.locator('main .card').first().waitFor()
    await until(async () => (await page.locator('.loading').count()) === 0)
  }
  const legend = (series: string) => page.locator(`.legend li[data-series="${series}"] .legend-value`)

  describe('counts over time', () => {
    it('shows now what the cycle shows now, and its sum is everybody', async () => {
      await open('/?view=counts')
      // Time goes on, so that somebody may go away between two questions.
      await until(async () => {
        const { stages } = await ask<{ stages: { id: string; actors: number }[] }>('stages')
        const shown = await Promise.all(stages.map(async ({ id }) => numberOf(await legend(id).textContent())))
        return stages.every(({ actors }, index) => shown[index] === actors)
      })
      expect(numberOf(await page.locator('.legend-total strong').textContent())).toBe(23_570)
    })

    it('can be walked through with the keyboard, and says where one is', async () => {
      await open('/?view=counts&by=month')
      const slider = page.getByRole('slider', { name: 'Actors in each stage over time' })
      await slider.focus()
      await page.keyboard.press('Home')
      const { items } = await countsOf('by=month')
      expect(numberOf(await legend('connection').textContent())).toBe(items[0]?.stages['connection']?.before)
      await page.keyboard.press('ArrowRight')
      expect(numberOf(await legend('connection').textContent())).toBe(items[0]?.stages['connection']?.after)
      expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d+ \w+ \d{4}: Occasional [\d,]+, Came again [\d,]+, /)
    })

    it('keeps the range, the periods, the zone and what is drawn in the address', async () => {
      await open('/?view=counts')
      await page.getByRole('button', { name: '30 days' }).click()
      await page.getByRole('button', { name: 'Weeks' }).click()
      await page.getByRole('button', { name: 'In the cycle' }).click()
      await page.getByLabel('Time zone').selectOption('Asia/Tokyo')
      await until(async () => (await page.locator('[data-freshness]').first().textContent())?.includes('Asia/Tokyo') ?? false)
      expect(new URL(page.url()).search).toBe('?view=counts&range=30d&by=week&zone=Asia%2FTokyo&kind=present')
      expect(await legend('disengagement').count()).toBe(0)
      await page.getByRole('button', { name: 'Dates', exact: true }).click()
      await page.getByLabel('First day').fill('2026-01-05')
      expect(new URL(page.url()).searchParams.get('range')).toMatch(/^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/)
    })

    it('has the same numbers as a table, where what came and what went adds up', async () => {
      await open('/?view=counts&by=month')
      await page.getByRole('button', { name: 'Table of Who came and who went' }).click()
      const rows = await page.getByRole('table', { name: 'Who came and who went' }).locator('tbody tr').all()
      expect(rows.length).toBeGreaterThan(60)
      for (const row of rows.slice(0, 12)) {
        const [before = 0, entered = 0, left = 0, after = 0] = (await row.locator('td.number').allTextContents()).map(numberOf)
        expect(before + entered - left).toBe(after)
      }
    })

    it('says what is wrong with a filter, with what there is', async () => {
      await open('/?view=counts')
      await page.getByRole('button', { name: '+ Filter' }).click()
      await page.getByRole('combobox', { name: 'Trait' }).fill('country')
      await page.getByRole('combobox', { name: 'Value' }).fill('NL')
      await page.keyboard.press('Enter')
      await page.locator('main .refused').first().waitFor()
      expect(await page.locator('main .refused').first().textContent()).toContain('there is no trait "country"')
      watched.errors.splice(0)
      await page.getByRole('button', { name: 'Remove the filter country is NL' }).click()
      await legend('connection').waitFor()
    })
  })

  /** Opens the rest of a list, page by page, and counts its rows. */
  async function listLength(): Promise<number> {
    const rows = page.locator('main tbody tr')
    await rows.first().waitFor()
    const more = page.getByRole('button', { name: 'Show more' })
    while ((await more.count()) > 0) {
      const before = await rows.count()
      await more.click()
      await until(async () => (await rows.count()) > before)
    }
    return await rows.count()
  }
  /** Follows the first link of a number of a table that is not longer than a few pages, and returns the number. */
  async function followCount(column: number, table: string): Promise<number> {
    const links = page.getByRole('table', { name: table }).locator(`tbody tr td:nth-child(${column}) a.count`)
    const numbers = (await links.allTextContents()).map(numberOf)
    const at = numbers.findIndex((value) => value > 100 && value < 350)
    await links.nth(at).click()
    return numbers[at] ?? 0
  }

  describe('the people behind a number', () => {
    it('are those who were in the stage at that moment', async () => {
      await open('/?view=counts&by=month')
      await page.getByRole('slider', { name: 'Actors in each stage over time' }).focus()
      await page.keyboard.press('ArrowLeft')
      const shown = numberOf(await legend('interaction').textContent())
      await legend('interaction').getByRole('link').click()
      await page.getByText('by what is known now').waitFor()
      expect(await listLength()).toBe(shown)
    })

    it('are those who entered a stage, or left it', async () => {
      for (const column of [4, 5]) {
        await open('/?view=counts&by=month')
        await page.getByRole('button', { name: 'Table of Who came and who went' }).click()
        const shown = await followCount(column, 'Who came and who went')
        expect(await listLength()).toBe(shown)
      }
    })

    it('are those of a band of the flow', async () => {
      await open('/?view=flow')
      const bands = await page.locator('.band').evaluateAll((all) => all.map((band) => Number(band.getAttribute('data-actors'))))
      const { items } = await ask<{ items: readonly { readonly actors: number }[] }>(`movements?${yearQuery()}&by=month`)
      expect(bands.length).toBeGreaterThan(100)
      for (const band of bands) expect(items.map(({ actors }) => actors)).toContain(band)
      await page.getByRole('button', { name: 'Table of The cycle over time' }).click()
      const shown = await followCount(4, 'The cycle over time')
      expect(await listLength()).toBe(shown)
    })

    it('are the moves behind an arrow of the ring, and behind the entries and exits of a stage', async () => {
      await open('/')
      const arrows = page.locator('.ring-line')
      await arrows.first().waitFor()
      const moves = await arrows.evaluateAll((all) => all.map((arrow) => Number(arrow.getAttribute('data-transitions'))))
      const at = moves.findIndex((value) => value > 20 && value < 350)
      await arrows.nth(at).dispatchEvent('click')
      expect(await listLength()).toBe(moves[at])
      for (const column of [4, 5]) {
        await open('/')
        const shown = await followCount(column, 'Where everyone is')
        expect(await listLength()).toBe(shown)
      }
    })

    it('are those at risk, and those who just left', async () => {
      await open('/?view=live')
      const { total } = await ask<{ total: number }>('at-risk')
      await until(async () => numberOf((await page.locator('.at-risk h2').textContent())?.replace(' at risk', '') ?? '') === total)
      await page.locator('.at-risk').getByRole('button', { name: 'Show more' }).click()
      await until(async () => (await page.locator('.at-risk tbody tr').count()) === 40)
      expect(await page.locator('.just-left tbody tr').count()).toBe(20)
      for (const text of await page.locator('.at-risk tbody tr').allTextContents()) expect(text).toMatch(/silent for \d+ days.*(in \d+ \w+|now)$/)
      for (const text of await page.locator('.just-left tbody tr').allTextContents()) expect(text).toMatch(/silent for \d+ days$/)
    })
  })

  it('shows how long people stay, and the curve of a stage that is chosen', async () => {
    await open('/?view=dwell')
    expect(await page.locator('tr[data-dwell]').count()).toBe(6)
    await page.getByRole('group', { name: 'Stage of the curves' }).getByRole('button', { name: 'Regular' }).click()
    await page.getByRole('heading', { name: 'Still in Regular' }).waitFor()
    const { points } = await ask<{ points: readonly { readonly survival: number }[] }>(`survival?stage=retention&${yearQuery()}`)
    const last = ((points.at(-1)?.survival ?? 0) * 100).toFixed(1).replace(/\.0$/, '')
    await until(async () => (await legend('survival').textContent()) === `${last}%`)
    await page.getByRole('group', { name: 'Until they are in' }).getByRole('button', { name: 'Collector' }).click()
    await page.getByRole('heading', { name: 'From Regular, not yet in Collector' }).waitFor()
    expect(new URL(page.url()).search).toBe('?view=dwell&stage=retention&to=commitment')
  })

  it('shows who is new, comes again, comes back or not, with the numbers of the API', async () => {
    await open('/?view=activity&range=all')
    const cells = page.locator('.retention .heat')
    await cells.first().waitFor()
    expect(await cells.first().getAttribute('title')).toMatch(/^[\d,]+ of [\d,]+, 1 month later/)
    await open('/?view=activity')
    await page.getByRole('slider', { name: 'New, returning, resurrecting and dormant actors over time' }).focus()
    await page.keyboard.press('Home')
    const { items } = await ask<{ items: readonly Readonly<Record<string, number>>[] }>(`lifecycle?${yearQuery()}&by=month`)
    for (const kind of ['new', 'returning', 'resurrecting', 'dormant']) expect(numberOf(await legend(kind).textContent())).toBe(items[0]?.[kind])
  })

  it('shows whether the numbers add up, stage by stage', async () => {
    await open('/?view=health')
    await page.locator('[data-verdict="holds"]').waitFor()
    expect(await page.locator('.adds-up .checks').textContent()).toContain('The stages have 23,570 actors in sum, and 23,570 are listed.')
    const rows = page.locator('tr[data-day]')
    await until(async () => (await rows.count()) === 6)
    for (const row of await rows.all()) {
      const [before = 0, entered = 0, left = 0, after = 0] = (await row.locator('td.number').allTextContents()).map(numberOf)
      expect(before + entered - left).toBe(after)
      expect(await row.locator('td').last().textContent()).toBe('yes')
    }
  })

  it('shows the stages by a trait', async () => {
    await open('/?view=breakdown')
    expect(await page.locator('main').textContent()).toContain('No actor has a trait yet')
    const batch = ['00001', '00002', '00003'].map((userId) => ({ type: 'identify', userId, traits: { country: 'NL' } }))
    await post(`${app.url}/v1/batch`, { batch })
    await until(async () => (await ask<{ traits: unknown[] }>('breakdowns')).traits.length === 1)
    await open('/?view=breakdown')
    const row = page.getByRole('row', { name: /^NL/ })
    expect((await row.locator('td').allTextContents()).map(numberOf)[0]).toBe(3)
    const link = row.locator('a.count').first()
    const shown = numberOf(await link.textContent())
    await link.click()
    expect(await listLength()).toBe(shown)
    expect(new URL(page.url()).searchParams.get('where')).toBe('country:NL')
    await open('/?view=people&stage=retention&where=!country')
    const { stages } = await ask<{ stages: { id: string; actors: number }[] }>('stages?where=!country')
    await page.getByRole('heading', { name: `${stages.find(({ id }) => id === 'retention')?.actors} actors in Regular` }).waitFor()
  })

  it.each(['counts', 'flow', 'dwell', 'activity', 'breakdown', 'live', 'health', 'people&stage=retention&at=2026-01-01T00:00:00Z'])(
    'fits on a narrow screen and has no defect that axe finds, in both themes: view=%s',
    async (view) => {
      await page.setViewportSize({ width: 360, height: 740 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await open(`/?view=${view}`)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
        expect(await axeDefects(page)).toEqual([])
      }
    },
  )

  // The pictures of the pages: RONDO_TEST_PICTURES=docs/images replaces them.
  it.each([
    ['page', '/'],
    ['counts', '/?view=counts&kind=present'],
    ['flow', '/?view=flow'],
    ['time-in-stage', '/?view=dwell'],
  ])('is shown in docs/images/%s.png', async (name, path) => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
    await open(path)
    await until(async () => (await page.locator('main svg').count()) > 0)
    const folder = process.env['RONDO_TEST_PICTURES'] ?? home.path
    const picture = await page.screenshot({ path: join(folder, `${name}.png`) })
    // A page without its pictures packs into less.
    expect(picture.length).toBeGreaterThan(50_000)
    expect(existsSync(join(root, 'docs', 'images', `${name}.png`))).toBe(true)
  })
})
