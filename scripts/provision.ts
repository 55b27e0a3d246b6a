import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installClientSdks } from './client-sdks.ts'
import { fetchKafkaJars } from './kafka-jars.ts'
import { installKubernetesTools } from './kubernetes-tools.ts'
import { installLifelines } from './lifelines.ts'
import { installParquetReaders } from './parquet-readers.ts'
import { installSchemathesis } from './schemathesis.ts'

/** A program that some step needs, and where it comes from. */
interface Need {
  /** One of these commands is enough. */
  commands: string[]
  debianPackage: string
  what: string
}

/** Programs that tests use and npm cannot install. A Kafka broker is not among them: it is jars, which Maven downloads and Java runs. */
const needs: Need[] = [
  { commands: ['redis-server'], debianPackage: 'redis-server', what: 'tests against a real Redis' },
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium', what: 'tests of the pages in a real browser' },
]

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const brokerNeeds: Need[] = [
  { commands: ['java'], debianPackage: 'default-jre-headless', what: 'tests against a real Kafka' },
  { commands: ['mvn'], debianPackage: 'maven', what: 'tests against a real Kafka' },
  { commands: ['openssl'], debianPackage: 'openssl', what: 'tests with TLS' },
]

const isMet = ({ commands }: Need): boolean => commands.some(isOnPath)

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-qq', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 600_000 }).status === 0
}

/** Installs missing programs if the machine allows it, and reports which tests cannot run otherwise. */
export function provision(): void {
  install(needs)
}

/** Installs the programs that a real Kafka needs, like {@link provision}. */
export function provisionBroker(): void {
  install(brokerNeeds)
  if (isOnPath('mvn') && !fetchKafkaJars())
    process.stdout.write('The jars of Kafka could not be fetched by Maven (its words are above): tests against a real Kafka will fail.\n')
}

const clientNeeds: Need[] = [
  { commands: ['python3'], debianPackage: 'python3-venv', what: 'tests with the SDKs for Python' },
  { commands: ['javac'], debianPackage: 'default-jdk-headless', what: 'tests with the SDK for Java' },
  { commands: ['mvn'], debianPackage: 'maven', what: 'tests with the SDK for Java' },
]

/** Installs the SDKs of other systems that the tests of the whole product run, and what they need. */
export async function provisionClients(): Promise<void> {
  install(clientNeeds)
  if (await installClientSdks()) return
  const needed = 'they need the registries of npm, PyPI and Maven, and python3 with venv'
  process.stdout.write(`The SDKs of test/clients could not be installed (the reasons are above): ${needed}. Tests with real clients will fail.\n`)
}

/** Installs Schemathesis, with which the tests of the whole product send requests of any kind. */
export async function provisionSchemathesis(): Promise<void> {
  install([{ commands: ['python3'], debianPackage: 'python3-venv', what: 'tests of the OpenAPI document' }])
  if (await installSchemathesis()) return
  process.stdout.write(
    'Schemathesis could not be installed (the reason is above): it needs PyPI, and python3 with venv. The test of the OpenAPI document will fail.\n',
  )
}

/** Installs kubectl, with which the tests render the manifests for Kubernetes, and schemas of manifests. */
export async function provisionKubernetesTools(): Promise<void> {
  install([{ commands: ['python3'], debianPackage: 'python3', what: 'tests of the manifests for Kubernetes' }])
  if (await installKubernetesTools()) return
  process.stdout.write(
    'kubectl and the schemas of manifests could not be installed (the reason is above): they need the registry of npm. The test of the manifests will fail.\n',
  )
}

/** Installs Apache Arrow and DuckDB, with which the archive is read in a test. */
export async function provisionParquetReaders(): Promise<void> {
  install([{ commands: ['python3'], debianPackage: 'python3-venv', what: 'the test that other programs read the archive' }])
  if (await installParquetReaders()) return
  process.stdout.write(
    'Apache Arrow and DuckDB could not be installed (the reason is above): they need PyPI, and python3 with venv. The test that other programs read the archive will fail.\n',
  )
}

/** Installs lifelines, with which survival curves are compared in a test. */
export async function provisionLifelines(): Promise<void> {
  install([{ commands: ['python3'], debianPackage: 'python3-venv', what: 'the test that survival curves are those of lifelines' }])
  if (await installLifelines()) return
  process.stdout.write(
    'lifelines could not be installed (the reason is above): it needs PyPI, and Python 3.11 with venv. The test that survival curves are those of lifelines will fail.\n',
  )
}

function install(needed: Need[]): void {
  const missing = needed.filter((need) => !isMet(need))
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && isOnPath('apt-get')) {
    process.stdout.write(`Installing ${missing.map(({ debianPackage }) => debianPackage).join(', ')} …\n`)
    apt('update')
    for (const { debianPackage } of missing) apt('install', '--no-install-recommends', debianPackage)
  }
  for (const need of missing.filter((candidate) => !isMet(candidate))) {
    process.stdout.write(`${need.debianPackage} is not on this machine and cannot be installed from here: ${need.what} will fail. Install it by hand.\n`)
  }
}
