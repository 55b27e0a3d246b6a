import { spawnSync } from 'node:child_process'
import { globSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { formatDefect, readDefinition } from '#cycle'
import { temporaryFolder } from '#runtime'
import { sourcesOf } from '../../apps/ingest/src/sources/source-file.ts'
import { root } from '../../scripts/root.ts'
import { blocks } from '../fixtures/page-blocks.ts'
import { RunningApp, startApp } from '../fixtures/processes/running-app.ts'

const pages = ['README.md', ...globSync('docs/guides/*.md', { cwd: root })]
/** Its commands need keys, and have a test of their own. */
const WITH_KEYS = 'docs/guides/send-events.md'
const folder = temporaryFolder()
let app: RunningApp

beforeAll(async () => {
  app = await startApp({ args: ['--demo', '--data', join(folder.path, 'data')] })
  expect(await app.prints(/^Try:/m)).toBe(true)
  // The commands name files from the top of a checkout; their outputs stay in the folder.
  for (const name of ['deploy', 'test', 'docs', 'node_modules']) symlinkSync(join(root, name), join(folder.path, name))
})

afterAll(async () => {
  await app.stop()
  folder[Symbol.dispose]()
})

/** Without a callback the test would block, and Jest could not end it. */
const HANGS_MS = 180_000

describe('the commands in the docs', () => {
  it.each(pages.filter((page) => page !== WITH_KEYS).flatMap((page) => blocks(page, 'sh').map((block, index) => [page, index + 1, block] as const)))(
    'of %s, block %i, work as they stand',
    (_page, _index, block) => {
      // beforeAll ran `npm start` before this test.
      if (block.trim() === 'npm start') return
      const script = block
        .replaceAll('http://127.0.0.1:8080', app.url)
        .replaceAll(/(npx rondo (?:reload|(?:explain|quarantine) \S+))/g, `$1 --url ${app.url}`)
        .replaceAll('npx rondo', `"${process.execPath}" "${join(root, 'apps', 'cli', 'bin', 'rondo.js')}"`)
      const { status, stderr, stdout } = spawnSync('sh', ['-e', '-c', script], { cwd: folder.path, encoding: 'utf8', timeout: HANGS_MS })
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).not.toMatch(/"code":\s*"RONDO_/)
    },
  )

  // manifests.e2e.spec.ts renders components of kustomize.
  const files = pages.flatMap((page) => blocks(page, 'yaml').map((block) => [page, block] as const)).filter(([, block]) => !block.includes('kind: Component'))
  it.each(files)('of %s: the YAML is a definition, or a file of sources, without a defect', (page, block) => {
    if (block.startsWith('sources:')) return void expect(sourcesOf(block, page).length).toBeGreaterThan(0)
    expect(parse(block)).toBeDefined()
    expect(readDefinition(block, page).defects.map(formatDefect)).toEqual([])
  })
})
