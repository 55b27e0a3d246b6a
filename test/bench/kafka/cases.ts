import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from '@swc/core'
import type { KafkaSettings } from '#event-log'
import { randomId } from '#runtime'
import { fetchJars } from '../../../scripts/kafka-jars.ts'
import { root } from '../../../scripts/root.ts'
import { swcOptions } from '../../../scripts/swc-options.ts'
import type { BenchBroker } from './bench-broker.ts'
import { Child } from './child.ts'

const PEERS = join(import.meta.dirname, '../peers')
const BUILT = join(root, '.cache', 'bench-peers')
const STREAMS_JARS = join(root, '.cache', 'kafka-streams-4.3.1')
const STREAMS_JAVA = ['-Xmx1g']

/** Rondo's processor, as in apps/processor, without HTTP. */
export function startProcessor(settings: KafkaSettings): Child {
  const file = join(import.meta.dirname, 'processor-process.ts')
  return new Child(process.execPath, ['--disable-warning=ExperimentalWarning', '--conditions=rondo-source', file, JSON.stringify(settings)])
}

/** Compiles the Kafka Streams application if its sources are newer than the result. */
export function buildStreams(): void {
  if (!fetchJars(join(PEERS, 'kafka-streams', 'kafka-streams-jars.xml'), STREAMS_JARS)) throw new TypeError('Maven could not fetch Kafka Streams.')
  const sources = globSync(join(PEERS, 'kafka-streams', '*.java'))
  const classes = join(BUILT, 'kafka-streams')
  const newest = Math.max(...sources.map((source) => statSync(source).mtimeMs))
  if ((statSync(join(classes, 'Presence.class'), { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return
  rmSync(classes, { recursive: true, force: true })
  mkdirSync(classes, { recursive: true })
  const { status, stderr } = spawnSync('javac', ['-d', classes, '-cp', join(STREAMS_JARS, '*'), ...sources], { encoding: 'utf8' })
  if (status !== 0) throw new TypeError(`The Kafka Streams application does not compile: ${stderr}`)
}

/** Starts the same presence rule on Kafka Streams. */
export function startStreams(bench: BenchBroker, application: string, topics: { input: string; output: string }): Child {
  const classPath = `${join(BUILT, 'kafka-streams')}:${join(STREAMS_JARS, '*')}`
  const args = [bench.broker.address, application, topics.input, topics.output, join(bench.folder, `streams-${randomId()}`)]
  return new Child('java', [...STREAMS_JAVA, '-cp', classPath, 'Presence', ...args])
}

/** Compiles the Nest application, because Node removes types but does not compile decorators. */
export async function buildHandler(): Promise<void> {
  const folder = join(BUILT, 'nest-handler')
  mkdirSync(folder, { recursive: true })
  const jsc = { ...swcOptions.jsc, rewriteRelativeImportExtensions: true }
  for (const file of globSync('*.ts', { cwd: join(PEERS, 'nest-handler') })) {
    const { code } = await transform(readFileSync(join(PEERS, 'nest-handler', file), 'utf8'), { ...swcOptions, jsc, filename: file } as never)
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), code)
  }
}

/** @param commits whether offsets are committed after each message, or after each fetched batch as kafkajs does */
export function startHandler(bench: BenchBroker, options: { group: string; redisUrl: string; commits: 'message' | 'batch' }): Child {
  const { group, redisUrl, commits } = options
  return new Child(process.execPath, [join(BUILT, 'nest-handler', 'main.js'), bench.broker.address, group, redisUrl, ...(commits === 'message' ? ['1'] : [])])
}
