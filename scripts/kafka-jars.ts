import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** Where the jars of a Kafka broker lie once they have been fetched; together they are its class path. */
export const kafkaJars = join(root, '.cache', 'kafka-4.3.1')

/**
 * Fetches them by Maven where they are missing (some 45 jars, 44 MB). They arrive in a folder of their own and are moved when all
 * are there, so that a fetch that was cut leaves nothing that looks whole.
 * @returns false where they are still missing; Maven's own words are on stderr
 */
export function fetchKafkaJars(): boolean {
  if (existsSync(kafkaJars) && readdirSync(kafkaJars).length > 0) return true
  const arriving = `${kafkaJars}.${process.pid}`
  mkdirSync(arriving, { recursive: true })
  const args = ['-q', '-B', '-f', join(root, 'scripts', 'kafka-jars.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${arriving}`]
  const { status } = spawnSync('mvn', args, { stdio: ['ignore', 2, 2], timeout: 600_000 })
  if (status === 0 && !existsSync(kafkaJars)) renameSync(arriving, kafkaJars)
  rmSync(arriving, { recursive: true, force: true })
  return existsSync(kafkaJars)
}
