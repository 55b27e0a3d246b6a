import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { readKafkaSecurity } from '#process'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import { installKubernetesTools, kubernetesTools, render } from '../../scripts/kubernetes-tools.ts'
import { root } from '../../scripts/root.ts'
import { blocks } from '../fixtures/page-blocks.ts'
import { type Manifest, type PodSpec, readManifests } from '../manifests/manifest.ts'
import { podOf, reportOn, settingsOf } from '../manifests/pod-settings.ts'

const KUBERNETES = join(root, 'deploy', 'kubernetes')
const overlays = readdirSync(join(KUBERNETES, 'overlays'))
const APPS = ['ingest', 'processor', 'reactor', 'serving']
const components = readdirSync(join(KUBERNETES, 'components'))

let home: TemporaryFolder
beforeAll(async () => {
  home = temporaryFolder()
  await build({ onlyIfStale: true })
  expect(await installKubernetesTools()).toBe(true)
})
afterAll(() => home?.[Symbol.dispose]())

/** The modules that have the types of the kinds. */
const moduleOf = ({ apiVersion, kind }: Document): string =>
  `${apiVersion.startsWith('monitoring.coreos.com') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`

/** A manifest. */
interface Document {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: { readonly name: string }
}

/** A kustomization, with absolute paths. */
interface Kustomization {
  readonly resources: readonly string[]
  readonly components?: readonly string[]
  readonly configMapGenerator?: readonly object[]
}

/** The containers of a job that runs at set times. */
interface CronJob {
  readonly jobTemplate: { readonly spec: { readonly template: { readonly metadata: { readonly labels: object }; readonly spec: JobPod } } }
}

/** A pod of a job: what runs first, and what follows. */
interface JobPod {
  readonly initContainers: readonly JobContainer[]
  readonly containers: readonly JobContainer[]
  readonly volumes: PodSpec['volumes']
}

/** A container of a job. */
interface JobContainer extends Pick<PodSpec['containers'][0], 'volumeMounts' | 'envFrom'> {
  readonly args: readonly string[]
}

const documentsOf = (text: string): Document[] => parseAllDocuments(text).map((document) => document.toJS())

/** Renders a kustomization in a folder, as an operator would write one elsewhere. */
function renderIn(folder: string, { resources, components = [], ...others }: Kustomization): string {
  mkdirSync(folder, { recursive: true })
  const [bases, parts] = [resources, components].map((paths) => paths.map((path) => relative(folder, path)))
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    JSON.stringify({ kind: 'Kustomization', namespace: 'rondo', resources: bases, components: parts, ...others }),
  )
  return render(folder)
}

/** The base with these components. */
const renderWith = (...names: readonly string[]): string =>
  renderIn(join(home.path, ['base', ...names].join('-')), {
    resources: [join(KUBERNETES, 'base')],
    components: names.map((name) => join(KUBERNETES, 'components', name)),
  })

/** The pod of the job that archives. */
function archiveJobOf(text: string): CronJob['jobTemplate']['spec']['template'] {
  const job = readManifests(text).find(({ kind }) => kind === 'CronJob') as unknown as Omit<Manifest, 'spec'> & { readonly spec: CronJob }
  return job.spec.jobTemplate.spec.template
}

describe('deploy/kubernetes', () => {
  it.each(overlays)('renders the overlay %s as the plain manifests that stand beside it', (overlay) => {
    expect(render(join(KUBERNETES, 'overlays', overlay))).toBe(readFileSync(join(KUBERNETES, 'rendered', `${overlay}.yaml`), 'utf8'))
  })

  it.each(components)('adds the component %s to the base alone', (component) => {
    const plain = new Set(documentsOf(renderWith()).map((document) => JSON.stringify(document)))
    const added = documentsOf(renderWith(component)).filter((document) => !plain.has(JSON.stringify(document)))
    expect(added.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-z]{10}$/, '')}`).sort()).toEqual(
      {
        archive: [
          'ConfigMap rondo-settings',
          'CronJob archive',
          'Deployment processor',
          'Deployment reactor',
          'PersistentVolumeClaim rondo-archive',
          'StatefulSet ingest',
          'StatefulSet serving',
        ],
        autoscaling: ['Deployment processor', 'HorizontalPodAutoscaler processor', 'HorizontalPodAutoscaler serving', 'StatefulSet serving'],
        ingress: ['Ingress ingest', 'Ingress serving'],
        monitoring: ['PrometheusRule rondo', 'ServiceMonitor rondo'],
        'secure-clusters': [
          'ConfigMap rondo-settings',
          'Deployment processor',
          'Deployment reactor',
          'Secret rondo-redis',
          'Secret rondo-secrets',
          'StatefulSet ingest',
          'StatefulSet serving',
        ],
        sources: ['ConfigMap rondo-sources', 'StatefulSet ingest'],
      }[component],
    )
  })

  it('takes further definitions, which the apps run beside the first', async () => {
    copyFileSync(join(root, 'deploy', 'cycles', 'listener.yaml'), join(home.path, 'listener.yaml'))
    const definitions = { name: 'rondo-definitions', behavior: 'merge', files: ['listener.yaml'] }
    const manifests = readManifests(renderIn(home.path, { resources: [join(KUBERNETES, 'overlays', 'production')], configMapGenerator: [definitions] }))
    for (const app of ['ingest', 'processor', 'serving']) {
      expect(await reportOn(manifests, app, join(home.path, app))).toContain('The settings are good.')
      expect(readdirSync(join(home.path, app, 'etc', 'rondo', 'definitions')).filter((name) => !name.startsWith('.'))).toEqual([
        'listener.yaml',
        'shopper.yaml',
      ])
      // The file of another cycle comes first now; the first cycle has not changed.
      expect(settingsOf(manifests, podOf(manifests, app), join(home.path, `first-cycle-${app}`))).toMatchObject({ RONDO_FIRST_CYCLE: 'shopper' })
    }
  })

  it('gives secrets to the apps as files, which they accept', async () => {
    const manifests = readManifests(renderWith('secure-clusters'))
    for (const app of APPS) {
      expect(await reportOn(manifests, app, join(home.path, `secure-${app}`))).toContain('The settings are good.')
      expect(JSON.stringify(podOf(manifests, app))).not.toContain('replace-me')
    }
    expect(
      manifests
        .filter(({ kind }) => kind === 'ConfigMap')
        .map((map) => JSON.stringify(map))
        .join(),
    ).not.toContain('replace-me')
  })

  it('can give serving a file of settings that a reload reads again, by the component in the guide', async () => {
    const component = blocks('docs/guides/kubernetes.md', 'yaml').find((block) => block.includes('kind: Component')) ?? ''
    const folder = join(home.path, 'live')
    mkdirSync(folder)
    writeFileSync(join(folder, 'kustomization.yaml'), component)
    writeFileSync(
      join(folder, 'serving-live.env'),
      blocks('docs/guides/operate.md', 'text').find((block) => block.startsWith('# /etc/rondo/serving-live.env')) ?? '',
    )
    const text = renderIn(join(home.path, 'with-live'), { resources: [join(KUBERNETES, 'base')], components: [folder] })
    expect(text).toContain('name: serving-live\n')
    expect(await reportOn(readManifests(text), 'serving', join(home.path, 'live-serving'))).toContain('The settings are good.')
  })

  it('archives by commands that exist, with the settings of the apps', () => {
    const text = renderWith('archive')
    const documents = documentsOf(text) as unknown as readonly { kind: string; data: object; metadata: { name: string } }[]
    const { spec: job, metadata } = archiveJobOf(text)
    // The network policies choose pods by this label.
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'rondo' })
    const settings = documents.find(({ metadata }) => metadata.name.startsWith('rondo-settings'))?.data as Record<string, string>
    const here: Record<string, string> = { ...settings, RONDO_BROKERS: 'nowhere', RONDO_ARCHIVE: join(home.path, 'archive-folder') }
    const commands = [...job.initContainers, ...job.containers].map(({ args }) =>
      args.map((arg) => arg.replace(/\$\((\w+)\)/, (_, name) => here[name] as string)),
    )
    expect(commands.map(([, ...words]) => words.slice(0, 2).join(' '))).toEqual(['archive write', 'archive trim'])
    for (const args of commands) {
      const { stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: root, encoding: 'utf8' })
      expect(stderr).toContain('found "nowhere"')
    }
  })

  it('mounts the archive into the job that writes it and, to be read, into the apps that read a log from its beginning', () => {
    const text = renderWith('archive')
    const manifests = readManifests(text)
    const mountPath = settingsOf(manifests, podOf(manifests, 'serving'), join(home.path, 'archive-reader'))['RONDO_ARCHIVE']
    const mounted = { name: 'archive', mountPath }
    for (const app of ['processor', 'serving']) expect(podOf(manifests, app).containers[0].volumeMounts).toContainEqual({ ...mounted, readOnly: true })
    const { initContainers, containers } = archiveJobOf(text).spec
    for (const { volumeMounts } of [...initContainers, ...containers]) expect(volumeMounts).toContainEqual(mounted)
  })

  it('archives with TLS and the login of the apps, from files in both containers of the job', () => {
    const text = renderWith('archive', 'secure-clusters')
    const { spec: job } = archiveJobOf(text)
    expect([...job.initContainers, ...job.containers].length).toBe(2)
    for (const [at, container] of [...job.initContainers, ...job.containers].entries()) {
      const folder = join(home.path, `archive-job-${at}`)
      const settings = settingsOf(readManifests(text), { ...job, containers: [container] } as unknown as PodSpec, folder)
      expect(settings).toMatchObject({ RONDO_KAFKA_TLS: 'yes', RONDO_KAFKA_SASL: 'scram-sha-512' })
      // The files are there, and what is in them can be read.
      expect(readKafkaSecurity((name) => settings[name])).toMatchObject({ login: expect.anything(), tls: expect.anything() })
      expect(JSON.stringify(container)).not.toContain('replace-me')
    }
  })

  it('has a monitor and alert rules that the Prometheus Operator accepts', async () => {
    const objects = documentsOf(renderWith('monitoring')).filter(({ apiVersion }) => apiVersion.startsWith('monitoring'))
    expect(objects.length).toBe(2)
    for (const object of objects) {
      const { [object.kind]: Model } = await import(join(kubernetesTools, 'node_modules', `${moduleOf(object)}.js`))
      expect(() => new Model(object).validate()).not.toThrow()
      expect(() => new Model({ ...object, spec: { endpoints: 1, groups: 1 } }).validate()).toThrow()
    }
  })

  it('has no field that the API does not know, in any overlay or component', () => {
    const all = [...overlays.map((overlay) => render(join(KUBERNETES, 'overlays', overlay))), renderWith(...components)].flatMap(documentsOf)
    // Beside the types.
    const file = join(kubernetesTools, 'manifests.ts')
    // TypeScript refuses members that a type does not have, at any depth, in an object that is written down.
    const lines = all.map((document, at) => `export const m${at}: import('${moduleOf(document)}').I${document.kind} = ${JSON.stringify(document)}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--ignoreConfig', '--skipLibCheck']
    const { stdout, status } = spawnSync(process.execPath, [typescript, ...options, file], { cwd: root, encoding: 'utf8' })
    expect([stdout, status]).toEqual(['', 0])
  })
})
