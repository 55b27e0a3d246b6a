import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** The folder of the jars of a Kafka broker; together they are its class path. */
export const kafkaJars = join(root, '.cache', 'kafka-4.3.1')

/** Downloads missing jars (some 45, 44 MB). @returns false if some are still missing */
export function fetchKafkaJars(): boolean {
  return fetchJars(join(root, 'scripts', 'kafka-jars.xml'), kafkaJars)
}

/**
 * Downloads what a Maven file lists. The jars come into a folder of their own and are moved when all are there, so that an interrupted
 * download leaves nothing that looks complete.
 * @returns false if some are still missing; Maven's output is on stderr
 */
export function fetchJars(pom: string, folder: string): boolean {
  if (existsSync(folder) && readdirSync(folder).length > 0) return true
  const arriving = `${folder}.${process.pid}`
  mkdirSync(arriving, { recursive: true })
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${arriving}`]
  const { status } = spawnSync('mvn', args, { stdio: ['ignore', 2, 2], timeout: 600_000 })
  if (status === 0 && !existsSync(folder)) renameSync(arriving, folder)
  rmSync(arriving, { recursive: true, force: true })
  return existsSync(folder)
}
