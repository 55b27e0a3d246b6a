import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** Where the jars of a Kafka broker lie once they have been fetched; together they are its class path. */
export const kafkaJars = join(root, '.cache', 'kafka-4.3.1')

/** Fetches them where they are missing (some 45 jars, 44 MB). @returns false where they are still missing */
export function fetchKafkaJars(): boolean {
  return fetchJars(join(root, 'scripts', 'kafka-jars.xml'), kafkaJars)
}

/**
 * Fetches what a file of Maven's asks for. The jars arrive in a folder of their own and are moved when all are there, so that a fetch
 * that was cut leaves nothing that looks whole.
 * @returns false where they are still missing; Maven's own words are on stderr
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
