import kafkajs, { type AclEntry } from 'kafkajs'
import { type KafkaSettings, openKafkaAdminLog, openKafkaLog, type RequiredRight, type RightHolder, requiredRights, rightHolders } from '#event-log'
import { newKafka } from '../../../libs/event-log/src/kafka/client/kafka-client.ts'
import { userOf } from './kafka-users.ts'

const POLL_MS = 20

/** Creates the topics of a deployment, and gives each of its users exactly the rights that Rondo documents. @param settings those of an administrator */
export async function prepareDeployment(settings: KafkaSettings, sourceTopics: readonly string[]): Promise<void> {
  await openKafkaLog(settings)
  await (await openKafkaAdminLog(settings)).close()
  const rights = rightHolders.flatMap((holder) => requiredRights(holder, settings, sourceTopics).map((right) => ({ holder, right })))
  await giveRights(settings, rights)
}

/** Gives rights, and waits until the broker checks them. */
async function giveRights(settings: KafkaSettings, rights: readonly HeldRight[]): Promise<void> {
  const acl = rights.flatMap(({ holder, right }) => entriesOf(`User:${userOf(holder)}`, right))
  const admin = newKafka(settings).admin()
  await admin.connect()
  try {
    await admin.createAcls({ acl })
    const last = acl.at(-1)
    for (let isKnown = last === undefined; !isKnown; ) {
      const { resources } = await admin.describeAcls(last as AclEntry)
      isKnown = resources.length > 0
      if (!isKnown) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  } finally {
    await admin.disconnect()
  }
}

/** A right of an app, or of the commands. */
export interface HeldRight {
  readonly holder: RightHolder
  readonly right: Omit<RequiredRight, 'purpose'>
}

/** Takes rights away. @param settings those of an administrator */
export async function withdrawRights(settings: KafkaSettings, rights: readonly HeldRight[]): Promise<void> {
  const filters = rights.flatMap(({ holder, right }) => entriesOf(`User:${userOf(holder)}`, right))
  const admin = newKafka(settings).admin()
  await admin.connect()
  try {
    await admin.deleteAcls({ filters })
  } finally {
    await admin.disconnect()
  }
}

const resourceTypes = {
  Topic: kafkajs.AclResourceTypes.TOPIC,
  Group: kafkajs.AclResourceTypes.GROUP,
  TransactionalId: kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
} as const
const operationTypes = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Delete: kafkajs.AclOperationTypes.DELETE,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
  DescribeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
} as const

/** The entries of Kafka's ACL for a right. */
function entriesOf(principal: string, { resource, name, isPrefix, operations }: HeldRight['right']): AclEntry[] {
  const resourcePatternType = isPrefix ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL
  const permissionType = kafkajs.AclPermissionTypes.ALLOW
  const common = { principal, host: '*', permissionType, resourceType: resourceTypes[resource], resourceName: name, resourcePatternType }
  return operations.map((operation) => ({ ...common, operation: operationTypes[operation] }))
}
