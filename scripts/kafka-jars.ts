import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** The folder of the jars of a Kafka broker; together they are its class path. */
export const kafkaJars = join(root, '.cache', 'kafka-4.3.1')

/** Downloads missing jars, about 45 files with 44 MB. @returns false if jars are missing after the download */
export function fetchKafkaJars(): boolean {
  return fetchJars(join(root, 'scripts', 'kafka-jars.xml'), kafkaJars)
}

/**
 * Downloads the jars that a Maven file lists. They are first written to a temporary folder, so that an interrupted download does not
 * leave an incomplete folder under the final name. The output of Maven is on stderr.
 * @returns false if the download failed
 */
export function fetchJars(pom: string, folder: string): boolean {
  if (existsSync(folder) && readdirSync(folder).length > 0) return true
  const temporary = `${folder}.${process.pid}`
  mkdirSync(temporary, { recursive: true })
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${temporary}`]
  const { status } = spawnSync('mvn', args, { stdio: ['ignore', 2, 2], timeout: 600_000 })
  if (status === 0 && !existsSync(folder)) renameSync(temporary, folder)
  rmSync(temporary, { recursive: true, force: true })
  return existsSync(folder)
}
