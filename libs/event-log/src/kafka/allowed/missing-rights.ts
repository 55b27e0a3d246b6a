import { RondoError } from '#contracts'
import type { Cluster } from '../client/kafka-client.ts'
import { allowedOnGroup, allowedOnTopics, maySettle } from './allowed-operations.ts'
import type { RequiredRight, RightOperation } from './right.ts'

/** The name that stands for all that begin so, where a right is checked. */
const nameOf = ({ name, isPrefix }: RequiredRight): string => (isPrefix ? `${name}0` : name)

/** Operations that are not allowed, although they are needed. */
export interface MissingRight {
  readonly right: RequiredRight
  readonly operations: readonly RightOperation[]
}

/** The rights on topics that this user lacks. A topic that does not exist is left out. @throws what kafkajs throws */
export async function missingOnTopics(cluster: Cluster, rights: readonly RequiredRight[]): Promise<MissingRight[]> {
  const needed = rights.filter(({ resource }) => resource === 'Topic')
  const answers = await allowedOnTopics(
    cluster,
    needed.map(({ name }) => name),
  )
  return needed.flatMap((right) => {
    const answer = answers?.find(({ name }) => name === right.name)
    return answer === undefined || answer.isMissing ? [] : missingOf(right, answer.operations)
  })
}

/** All rights that this user lacks. @throws what kafkajs throws */
export async function missingRights(cluster: Cluster, rights: readonly RequiredRight[]): Promise<MissingRight[]> {
  const missing = await missingOnTopics(cluster, rights)
  for (const right of rights) {
    if (right.resource === 'Group') missing.push(...missingOf(right, await allowedOnGroup(cluster, nameOf(right))))
    if (right.resource === 'TransactionalId' && !(await maySettle(cluster, nameOf(right)))) missing.push({ right, operations: right.operations })
  }
  return missing
}

/** Read and Write include Describe. */
function missingOf(right: RequiredRight, allowed: ReadonlySet<RightOperation> | undefined): MissingRight[] {
  if (allowed === undefined) return []
  const operations = right.operations.filter((operation) => !allowed.has(operation))
  return operations.length === 0 ? [] : [{ right, operations }]
}

const words = { Topic: 'the topic', Group: 'the consumer group', TransactionalId: 'the transactional id' } as const

/** The sentence that names a missing right. */
export function missingText({ right, operations }: MissingRight): string {
  const { resource, name, isPrefix, purpose } = right
  const where = isPrefix ? `${words[resource]}s that begin with ${name}` : `${words[resource]} ${name}`
  return `The user of RONDO_KAFKA_USER lacks ${operations.length === 1 ? 'the right' : 'the rights'} ${operations.join(', ')} on ${where} (to ${purpose}). rondo kafka acls prints the commands that give all rights.`
}

/** The error for a missing right. */
export const missingRightError = (missing: MissingRight): RondoError => new RondoError('RONDO_RIGHT_MISSING', missingText(missing), { retriable: true })
