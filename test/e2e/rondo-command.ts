import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Output } from '#contracts'

const top = dirname(dirname(import.meta.dirname))
const BIN = join(top, 'apps/cli/bin/rondo.js')
const presence = readFileSync(join(top, 'test/cycles/presence-30d.yaml'), 'utf8')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command as a shell would, with `input` on its standard input. */
export function rondo(args: readonly string[], input = ''): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const child = spawn(BIN, args, { stdio: 'pipe' })
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout.on('data', (chunk: Buffer) => said.stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => said.stderr.push(chunk))
  child.on('close', (code) => resolve({ code, stdout: String(Buffer.concat(said.stdout)), stderr: String(Buffer.concat(said.stderr)) }))
  child.stdin.end(input)
  return promise
}

/** Writes the smallest cycle with another absence and further keys in place of `grace: 0s`, and nothing to be warned of; returns its path. */
export function presenceCycle(folder: string, absence: string, keys = 'grace: 0s'): string {
  const path = join(folder, `presence-${absence}-${keys.replaceAll(/\W+/g, '-')}.yaml`)
  const visit = 'visit: { event: "*", where: { event: { ne: Identified } } }'
  writeFileSync(path, presence.replaceAll('absence: 30d', `absence: ${absence}`).replace('grace: 0s', keys).replace('visit: { event: "*" }', visit))
  return path
}

export function outputsIn(path: string): Output[] {
  const text = readFileSync(path, 'utf8')
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Output)
}

/** What others have counted: absences, returns, and who is still away at the end. */
export function absenceCounts(outputs: readonly Output[]): { disengagements: number; re_engagements: number; open_at_end: number } {
  const stages = new Map(outputs.map(({ actor, to }) => [actor.id, to]))
  const count = (kind: Output['kind']): number => outputs.filter((output) => output.kind === kind).length
  const open = [...stages.values()].filter((stage) => stage === 'disengagement').length
  return { disengagements: count('disengage'), re_engagements: count('return'), open_at_end: open }
}

/** The effective history, actor by actor, as far as two runs of other order must agree on it. */
export function historyOf(outputs: readonly Output[]): Record<string, string[]> {
  const retracted = new Set(outputs.map(({ retracts }) => retracts))
  const standing = outputs.filter(({ id, kind }) => kind !== 'retraction' && !retracted.has(id))
  const actors = Object.groupBy(standing, ({ actor }) => actor.id) as Record<string, Output[]>
  return Object.fromEntries(
    Object.entries(actors).map(([id, list]) => [id, list.map(({ kind, from, to, at, rule, origin }) => [kind, from, to, at, rule, origin].join(' '))]),
  )
}
