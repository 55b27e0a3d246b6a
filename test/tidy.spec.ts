import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { errorCodes } from '#contracts'
import { apiPage } from '../scripts/api-page.ts'
import { missingOptionals } from '../scripts/lockfile.mjs'

// The house rules that no other tool holds. Sizes of functions, clocks, plain errors and `export *` are eslint.config.js's, imports are
// .dependency-cruiser.cjs's.

const root = dirname(import.meta.dirname)
const GENERATED = /^(node_modules|dist|data|coverage|reports|\.git|\.cache|\.stryker-tmp)(\/|$)/
const DEPTH_MAX = 5
const LINES_MAX = 300
const SUBJECT_MAX = 65
const SUBJECTS_READ = 50

const files = globSync('{*,.ci/**,apps/**,deploy/**,docs/**,libs/**,scripts/**,test/**}', { cwd: root, exclude: (path) => GENERATED.test(path) }).filter(
  (path) => statSync(join(root, path)).isFile(),
)
const sources = files.filter((path) => /\.tsx?$/.test(path))
const pages = files.filter((path) => path.endsWith('.md'))
const libs = [...new Set(files.map((path) => /^libs\/([^/]+)\//.exec(path)?.[1]).filter((lib) => lib !== undefined))].sort()
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the tree', () => {
  it('is found by these rules', () => {
    expect(sources.length).toBeGreaterThan(10)
    expect(libs).toContain('contracts')
  })

  it('has no file with a name that means nothing', () => {
    const empty = /(^|[.-])(util|utils|helper|helpers|common|shared|misc|types|constants)([.-]|$)/
    expect(
      files.filter((path) => empty.test(basename(path)) || path.split('/').some((folder) => /^(utils?|helpers?|common|shared|misc)$/.test(folder))),
    ).toEqual([])
  })

  it('writes file and folder names in kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/
    expect(sources.filter((path) => !path.split('/').every((part) => kebab.test(part)))).toEqual([])
  })

  it(`has folders at most ${DEPTH_MAX} deep`, () => {
    expect(files.filter((path) => path.split('/').length - 1 > DEPTH_MAX)).toEqual([])
  })

  it(`has no source file over ${LINES_MAX} lines`, () => {
    const code = files.filter((path) => /\.(tsx?|mjs|cjs|js|css|html)$/.test(path))
    expect(code.filter((path) => textOf(path).trimEnd().split('\n').length > LINES_MAX)).toEqual([])
  })

  it('gives no test a shorter time limit than jest.config.js and no limit of polls, because slow machines would fail', () => {
    const limitMs = Number(/testTimeout: ([\d_]+)/.exec(textOf('jest.config.js'))?.[1]?.replaceAll('_', ''))
    const hurried = sources
      .filter((path) => path.endsWith('.spec.ts'))
      .flatMap((path) => {
        const limits = [...textOf(path).matchAll(/^ *\}, ([\d_]+)\)$|jest\.setTimeout\(([\d_]+)\)/gm)].map(([, after, set]) =>
          Number((after ?? set)?.replaceAll('_', '')),
        )
        const countsPolls = /\b(waited|waits) [<>]/.test(textOf(path))
        return limits.some((ms) => !(ms >= limitMs)) || countsPolls ? [path] : []
      })
    expect(hurried).toEqual([])
  })

  it('has an index.ts at the top of each lib and nowhere else', () => {
    expect(files.filter((path) => basename(path) === 'index.ts').sort()).toEqual(libs.map((lib) => `libs/${lib}/src/index.ts`))
  })

  it('explains each lib in a README.md', () => {
    expect(libs.filter((lib) => !existsSync(join(root, 'libs', lib, 'README.md')))).toEqual([])
  })
})

describe('error codes', () => {
  const documented = [...textOf('docs/reference/errors.md').matchAll(/^\| `?(RONDO_[A-Z_]+)`? \|[^|]*\S[^|]*\|[^|]*\S[^|]*\|$/gm)].map(([, code]) => code)

  it('are the codes in docs/reference/errors.md, each explained once in two sentences', () => {
    expect([...documented].sort()).toEqual([...errorCodes].sort())
  })

  it('are each used somewhere', () => {
    const code = sources.filter((path) => /^(libs|apps)\//.test(path) && !path.endsWith('.spec.ts') && !path.endsWith('/error-codes.ts'))
    const text = code.map(textOf).join('\n')
    expect(errorCodes.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })
})

describe('pages', () => {
  const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')

  it('link to files that exist', () => {
    const dead = pages.flatMap((page) =>
      [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)|<img[^>]+src="([^"]+)"/g)]
        .map(([, link, image]) => (link ?? image ?? '').replace(/[#?].*$/, ''))
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(root, dirname(page), decodeURI(target))))
        .map((target) => `${page}: ${target}`),
    )
    expect(dead).toEqual([])
  })

  it('name paths of the repository that exist', () => {
    const dead = pages.flatMap((page) =>
      [...textOf(page).matchAll(/(?<![\w/.@-]|apiVersion: )(?:apps|libs|test|docs|scripts|deploy)\/[\w./-]*\w/g)]
        .map(([path]) => path)
        .filter((path) => ![root, join(root, dirname(page))].some((folder) => existsSync(join(folder, path))))
        .map((path) => `${page}: ${path}`),
    )
    expect(dead).toEqual([])
  })

  it('list each route that reads', () => {
    const listed = [...textOf('docs/reference/read-answers.md').matchAll(/`(\/[^`\s]*)`/g)].map(([, path = '']) => path)
    const routes = sources
      .filter((path) => path.startsWith('apps/') && !path.endsWith('.spec.ts'))
      .flatMap((path) =>
        textOf(path)
          .split(/^@Controller\(/m)
          .slice(1),
      )
      .flatMap((controller) => {
        const [, base = ''] = /^(?:'([^']*)')?\)/.exec(controller) ?? []
        return [...controller.matchAll(/@Get\((?:'([^']*)')?\)/g)].map(([, name = '']) =>
          `/${[base, name].filter(Boolean).join('/')}`.replace(/:(\w+)/g, '{$1}'),
        )
      })
    expect(routes.length).toBeGreaterThan(15)
    expect([...new Set(routes)].sort()).toEqual([...new Set(listed)].sort())
  })

  it('have all routes in docs/reference/api.md, as the code has them (`npm run schemas` writes it)', async () => {
    expect(textOf('docs/reference/api.md') === (await apiPage())).toBe(true)
  })

  it('give patterns to the tests that select a spec', () => {
    const selected = pages.flatMap((page) =>
      [...textOf(page).matchAll(/npm (?:run )?test(?::\w+)? -- (?:-- |--only \S+ )*([\w.-]+)/g)].map(([, pattern = '']) => pattern),
    )
    expect(selected.length).toBeGreaterThan(3)
    expect(selected.filter((pattern) => !files.some((path) => path.endsWith('.spec.ts') && path.includes(pattern)))).toEqual([])
  })

  it('name the language of each code block', () => {
    const bare = pages.filter((page) => {
      const fences = textOf(page).match(/^\s*```.*$/gm) ?? []
      return (
        fences.length % 2 !== 0 ||
        fences.some((fence, at) => at % 2 === 0 && !/```(sh|yaml|json|jsonl|csv|ts|js|html|python|java|sql|text|console|http|mermaid)\b/.test(fence))
      )
    })
    expect(bare).toEqual([])
  })
})

describe('the words', () => {
  const unused = unusedWords(textOf('docs/glossary.md'))
  const foundIn = (text: string): string[] => unused.filter((word) => isUsed(word, text)).map(({ word }) => word)

  it('are found inside names and across lines, except in the exceptions', () => {
    expect(unused.length).toBeGreaterThan(10)
    for (const text of ['onTrouble', 'gone\n * on with', 'nobody is told\n  // of it', 'its Obstacles', 'told\n# of', 'an issue', 'a rejection'])
      expect([text, foundIn(text).length]).toEqual([text, 1])
    for (const text of ['the largest', 'untroubled', 'elsewhere', 'error.issues.map((issue) => issue)', 'unhandledRejection', 'get("/v1/quarantine?of=door")'])
      expect([text, foundIn(text)]).toEqual([text, []])
  })

  it('that the glossary does not allow are not used', () => {
    const named = /(\.(ts|tsx|mts|mjs|cjs|js|html|css|md|yaml|yml|sh|env|xml|java)|(^|\/)(Dockerfile|\.ci\/run))$/
    const readable = files.filter((path) => named.test(path) && !['docs/glossary.md', 'test/tidy.spec.ts'].includes(path))
    for (const path of ['deploy/compose.yaml', 'deploy/Dockerfile', '.ci/run']) expect(readable).toContain(path)
    expect(readable.map((path) => [path, ...foundIn(`${textOf(path)}\n${basename(path).replaceAll('-', ' ')}`)]).filter((found) => found.length > 1)).toEqual(
      [],
    )
  })
})

describe('the rules of docs/reference/semantics.md', () => {
  const numbersIn = (text: string): number[] =>
    [...text.matchAll(/\brules? (\d+(?:(?:, | and | to )\d+)*)|\brule: '(\d+)'/gi)].flatMap(([, list, one]) => {
      const ranges = (list ?? one ?? '').split(/, | and /).map((range) => range.split(' to ').map(Number))
      return ranges.flatMap(([from = 0, to = from]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))
    })
  const cited = new Map([...sources, ...pages].map((path) => [path, new Set(numbersIn(textOf(path)))]))
  const sections = textOf('docs/reference/semantics.md')
    .split(/^### Rule /m)
    .slice(1)
  const rules = sections.map((section) => ({
    number: Number.parseInt(section, 10),
    keepers: [...(/^Kept by (?:.+\n)+/m.exec(section)?.[0].matchAll(/`([^`]+\/[^`]+)`/g) ?? [])].map(([, path = '']) => path),
  }))
  const isTest = (path: string): boolean => path.endsWith('.spec.ts') || path.startsWith('test/')

  it('are the rules that files cite', () => {
    const known = new Set(rules.map(({ number }) => number))
    expect([...cited].flatMap(([path, numbers]) => [...numbers].filter((number) => !known.has(number)).map((number) => `${path}: rule ${number}`))).toEqual([])
  })

  it('are each cited by the files that implement them', () => {
    const kept = rules.flatMap(({ number, keepers }) => keepers.filter((path) => !isTest(path)).map((path) => ({ number, path })))
    expect(kept.filter(({ number, path }) => cited.get(path)?.has(number) !== true).map(({ number, path }) => `${path} does not cite rule ${number}`)).toEqual(
      [],
    )
    expect(rules.filter(({ number }) => !kept.some((keeper) => keeper.number === number))).toEqual([])
  })

  it('are each cited by a test that is not the test of the page', () => {
    const tests = [...cited].filter(([path]) => isTest(path) && path.endsWith('.ts') && path !== 'test/docs/semantics.spec.ts')
    expect(rules.filter(({ number }) => !tests.some(([, numbers]) => numbers.has(number)))).toEqual([])
  })
})

describe('the repository', () => {
  it('does not read or cite files outside the repository', () => {
    // The brackets keep this file out.
    const outside = /(SEMANTICS|DESIGN|FIELD|KAFKAJS|STYLE)(\.md| rule| §)|\.\.\/[s]hared/
    expect(files.filter((path) => /\.(ts|mjs|md|cjs|yaml)$/.test(path) && outside.test(textOf(path)))).toEqual([])
  })

  it('locks the optional packages of every platform, or npm ci refuses it (`npm run lockfile` adds them)', () => {
    expect([...missingOptionals(JSON.parse(textOf('package-lock.json'))).keys()]).toEqual([])
  })

  it('names the same versions of Node everywhere: the version that starts it, and the version on which it runs', () => {
    const { engines, devDependencies } = JSON.parse(textOf('package.json')) as { engines: { node: string }; devDependencies: { node: string } }
    const [runs, [, starts]] = [textOf('.node-version').trim(), /With Node (\d+) or newer/.exec(textOf('README.md')) ?? []]
    const [, least = ''] = /NODE_MIN = \[(.*)\]/.exec(textOf('apps/cli/bin/rondo.js')) ?? []
    expect(devDependencies.node).toBe(runs)
    expect(engines.node).toBe(`>=${least.replace(', ', '.')}`)
    expect(textOf('README.md')).toContain(`it runs on Node ${runs}`)
    for (const file of globSync('{scripts/*.mjs,apps/cli/bin/*.js}', { cwd: root }))
      expect([file, textOf(file).includes(`Node ${starts} and later`)]).toEqual([file, true])
    const images = [...textOf('deploy/Dockerfile').matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => major)
    expect(new Set(images)).toEqual(new Set([runs.split('.')[0]]))
  })

  it('pins every package', () => {
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
    // DuckDB's packages have a number of their own behind the version of DuckDB.
    expect(Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-r\.\d+)?$/.test(version))).toEqual([])
  })

  it(`keeps the subjects of commits within ${SUBJECT_MAX} characters`, () => {
    const { status, stdout } = spawnSync('git', ['log', `-${SUBJECTS_READ}`, '--no-merges', '--format=%s'], { cwd: root, encoding: 'utf8' })
    // An unpacked archive has no history to look at.
    const subjects = status === 0 ? stdout.trim().split('\n') : []
    expect(subjects.filter((subject) => subject.length > SUBJECT_MAX)).toEqual([])
  })
})

/** A word that the glossary refuses, and where it is allowed. */
interface UnusedWord {
  readonly word: string
  readonly pattern: RegExp
  readonly allowed: readonly string[]
  readonly allowedIn: readonly RegExp[]
}

/** The rows of the glossary's last table: word, what to write instead, exceptions. */
function unusedWords(glossary: string): UnusedWord[] {
  const table = glossary.split('## Words that are not used')[1] ?? ''
  return [...table.matchAll(/^\| ([a-z][a-z ]+) \| [^|]+ \| (.*)\|$/gm)]
    .filter(([, word]) => word !== 'not')
    .map(([, word = '', exceptions = '']) => {
      const texts = [...exceptions.matchAll(/`((?:[^`\\]|\\.)+)`/g)].map(([, text = '']) => text)
      return {
        word,
        pattern: new RegExp(`\\b${word}s?\\b`, 'i'),
        allowed: texts.filter((text) => !text.startsWith('/')).map((text) => text.replaceAll('\\`', '`')),
        allowedIn: texts.filter((text) => text.startsWith('/')).map((text) => new RegExp(text.slice(1, -1))),
      }
    })
}

function isUsed({ pattern, allowed, allowedIn }: UnusedWord, text: string): boolean {
  if (allowedIn.some((file) => file.test(text))) return false
  const rest = allowed.reduce((left, part) => left.replaceAll(part, ''), text)
  // Names of several words are split, and sentences that a comment breaks are joined.
  return pattern.test(rest.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/\n\s*(?:\*|\/\/|#)?\s*/g, ' '))
}
