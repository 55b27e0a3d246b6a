import type { Admin } from 'kafkajs'
import { randomId } from '#runtime'
import { newKafka } from '../../libs/event-log/src/kafka/client/kafka-client.ts'
import { type TopicName, topicOf } from '../../libs/event-log/src/kafka/client/topics.ts'
import type { AppProcess } from '../../scripts/local/app-process.ts'
import { feedOf } from '../fixtures/broker/log-contents.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import type { Fault } from './fault.ts'
import { waitForText } from './processor-faults.ts'
import { PARTITIONS, type Trial } from './trial.ts'

const POLLS_MAX = 300
const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** The reason from the readiness probe of an app for not being ready; empty if the app is ready. */
async function unreadyReasonOf({ url }: AppProcess): Promise<string> {
  const answer = await fetch(`${url}/v1/health/ready`).catch(() => undefined)
  if (answer === undefined) return 'no answer'
  return ((await answer.json()) as { reason?: string }).reason ?? ''
}

/** Waits until the reason of each process matches the pattern, and reports a defect if it never does. */
export async function waitForReason(trial: Trial, processes: readonly AppProcess[], pattern: RegExp): Promise<void> {
  for (const process of processes) {
    let answer = await unreadyReasonOf(process)
    for (let polls = 0; !pattern.test(answer) && polls < POLLS_MAX; polls++) {
      await trial.wait(100)
      answer = await unreadyReasonOf(process)
    }
    if (!pattern.test(answer)) trial.defects.push(`the probe of ${process.app} never gave ${pattern}: ${JSON.stringify(answer)}`)
  }
}

/** The answer with the counts of the cycle, while it may be a problem document. */
export interface Stages {
  readonly total?: number
  readonly asOf?: { readonly logTime: string | null }
}
/** The counts that a process of serving answers. */
export async function stagesOf({ url }: AppProcess): Promise<{ status: number; stages: Stages }> {
  const answer = await fetch(`${url}/v1/cycles/heartbeat/stages`)
  return { status: answer.status, stages: (await answer.json()) as Stages }
}

async function asAdmin(trial: Trial, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = newKafka(trial.settings).admin()
  await admin.connect()
  await work(admin).finally(() => admin.disconnect())
}

/** Starts an app, and reports a defect if the start is not refused with a message that matches the pattern. */
async function checkStartRefused(trial: Trial, app: 'processor' | 'serving' | 'ingest', pattern: RegExp): Promise<void> {
  const process = trial.launch(app)
  trial.mayEnd(process)
  await waitForText(trial, `the ${app} that starts`, () => process.output, pattern)
  await process.ended
  if (process.child.exitCode !== 1) trial.defects.push(`the ${app} that was refused ended with ${process.child.exitCode}`)
}

const feeds = (trial: Trial, prefix = trial.settings.prefix ?? ''): Promise<string[][]> =>
  Promise.all(partitions.map((partition) => feedOf({ ...trial.settings, prefix }, partition)))

/** Rebuilds the outputs from `activity` by the steps of the operator's guide, and reports a defect if they are not the same as before. */
async function checkRebuild(trial: Trial, before: readonly string[][], toPartitions = PARTITIONS): Promise<void> {
  await Promise.all([...trial.of('ingest'), ...trial.of('processor'), ...trial.of('serving')].map((process) => trial.retire(process)))
  const { brokers, prefix = '' } = trial.settings
  const next = `${randomId()}.`
  const from = ['--brokers', brokers.join(','), '--prefix', prefix, '--partitions', String(PARTITIONS), '--replication', '1']
  await trial.prepare({ prefix: next, group: next, partitions: toPartitions })
  const login = trial.shared.broker.loginOf('commands')
  const { code, stderr } = await rondo(['repartition', ...from, '--to-prefix', next, '--to-partitions', String(toPartitions)], { env: login })
  if (code !== 0) return void trial.defects.push(`the log cannot be copied: ${stderr}`)
  const settings = { RONDO_PREFIX: next, RONDO_GROUP: next, RONDO_PARTITIONS: String(toPartitions) }
  const processor = trial.launch('processor', settings)
  await processor.ready(120_000)
  // In one generation the id of an output depends only on its actor and its number, so the rebuilt outputs have the same ids.
  const expected = before.flat().map((output) => (JSON.parse(output) as { id: string }).id)
  for (let polls = 0; ; polls++) {
    const rebuilt = new Set((await feedsOf(trial, next, toPartitions)).map((output) => (JSON.parse(output) as { id: string }).id))
    const lost = expected.filter((id) => !rebuilt.has(id))
    if (lost.length === 0) return
    if (polls > POLLS_MAX) return void trial.defects.push(`${lost.length} of ${expected.length} outputs are missing after the rebuild`)
    await trial.wait(100)
  }
}

async function feedsOf(trial: Trial, prefix: string, count: number): Promise<string[]> {
  const settings = { ...trial.settings, prefix, partitions: count }
  return (await Promise.all(Array.from({ length: count }, (_, partition) => feedOf(settings, partition)))).flat()
}

const deleted: Fault = {
  name: 'the topic transitions is deleted',
  isFinal: true,
  async run(trial) {
    await trial.wait(1000, 2500)
    const before = await feeds(trial)
    const [processor, serving] = [trial.of('processor'), trial.of('serving')]
    const name = topicOf(trial.settings, 'transitions' satisfies TopicName)
    await asAdmin(trial, (admin) => admin.deleteTopics({ topics: [name] }))
    await waitForReason(trial, [...processor, ...serving], /transitions is missing/)
    await checkStartRefused(trial, 'processor', /RONDO_LOG_INCOMPLETE.*deleted.*A lost position/)
    await checkStartRefused(trial, 'serving', /RONDO_LOG_INCOMPLETE/)
    for (const process of [...processor, ...serving, ...trial.of('ingest')])
      if (process.hasEnded) trial.defects.push(`${process.app} ended: ${process.output.slice(-500)}`)
    await trial.endSenders()
    await checkRebuild(trial, before)
  },
}

const lostPosition = (loss: 'reset by a tool' | 'deleted with the group'): Fault => ({
  name: `the position of the group is ${loss}`,
  isFinal: true,
  async run(trial) {
    await trial.wait(1000, 2500)
    await trial.endSenders()
    await trial.wait(1500)
    await Promise.all(trial.of('processor').map((process) => trial.retire(process)))
    const before = await feeds(trial)
    const [serving] = trial.of('serving') as [AppProcess]
    const shown = (await stagesOf(serving)).stages
    const { group: groupId } = trial.settings
    const topic = topicOf(trial.settings, 'activity')
    await asAdmin(trial, async (admin) => {
      if (loss === 'reset by a tool') await admin.resetOffsets({ groupId, topic, earliest: true })
      else await admin.deleteGroups([groupId])
    })
    await waitForReason(trial, [serving], /Nothing new is published.*RONDO_LOG_INCOMPLETE/)
    const refused = trial.launch('processor')
    await waitForReason(trial, [refused], /cannot be taken over.*RONDO_LOG_INCOMPLETE/)
    // A serving process that starts after the loss reports it too.
    const [later] = [trial.launch('serving')]
    await waitForReason(trial, [later], /Nothing new is published/)
    for (const process of [serving, later]) {
      const { status, stages } = await stagesOf(process)
      if (status !== 200 || stages.total !== shown.total)
        trial.defects.push(`before the loss serving answered ${JSON.stringify(shown)}, after it ${status} ${JSON.stringify(stages)}`)
    }
    const after = await feeds(trial)
    if (after.flat().length !== before.flat().length) trial.defects.push('outputs were published although the position was lost')
    await checkRebuild(trial, before)
  },
})

const partitionAdded: Fault = {
  name: 'activity gets another partition',
  isFinal: true,
  async run(trial) {
    await trial.wait(1000, 2500)
    const before = await feeds(trial)
    const activity = topicOf(trial.settings, 'activity')
    await asAdmin(trial, async (admin) => void (await admin.createPartitions({ topicPartitions: [{ topic: activity, count: PARTITIONS + 1 }] })))
    await waitForReason(trial, trial.of('processor'), /activity: partitions is 4, not 3/)
    await waitForReason(trial, [...trial.of('serving'), ...trial.of('ingest')], /^$/)
    await checkStartRefused(trial, 'processor', /RONDO_LOG_MISMATCH.*rondo repartition, with the --partitions that the apps had/)
    await trial.endSenders()
    await checkRebuild(trial, before, PARTITIONS + 1)
  },
}

/** Mistakes of an operator. */
export const operatorFaults: readonly Fault[] = [deleted, lostPosition('reset by a tool'), lostPosition('deleted with the group'), partitionAdded]
