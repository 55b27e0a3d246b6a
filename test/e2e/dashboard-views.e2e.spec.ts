import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
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
    await eventually(
      async () => (await ask<{ total: number }>('stages')).total,
      (total) => total > 20_000,
    )
    await eventually(
      async () => (await countsOf('by=month')).items.at(-1)?.total,
      (total) => total === 23_570,
    )
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
  const countsOf = (query: string): Promise<Counts> => {
    const [from, until] = [Date.now() - 365 * 86_400_000, Date.now()].map((at) => new Date(at).toISOString())
    return ask<Counts>(`counts?from=${from}&until=${until}&${query}`)
  }
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
      await page.getByRole('textbox', { name: 'Trait' }).fill('country')
      await page.getByRole('textbox', { name: 'Value' }).fill('NL')
      await page.keyboard.press('Enter')
      await page.locator('main .refused').first().waitFor()
      expect(await page.locator('main .refused').first().textContent()).toContain('there is no trait "country"')
      watched.errors.splice(0)
      await page.getByRole('button', { name: 'Remove the filter country is NL' }).click()
      await legend('connection').waitFor()
    })
  })

  it.each(['counts'])('fits on a narrow screen and has no defect that axe finds, in both themes: view=%s', async (view) => {
    await page.setViewportSize({ width: 360, height: 740 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await open(`/?view=${view}`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await axeDefects(page)).toEqual([])
    }
  })
})
