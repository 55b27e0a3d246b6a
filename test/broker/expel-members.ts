import { Kafka, logLevel } from 'kafkajs'

interface Coordinator {
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
}
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findGroupCoordinator(request: { groupId: string }): Promise<Coordinator>
}

/**
 * Takes every member out of a consumer group behind its back, as if its session had run out: it goes on believing that it belongs to the
 * group until its next heartbeat.
 */
export async function expelMembers(address: string, groupId: string): Promise<void> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const cluster = clusterOf(kafka)
  await Promise.all([admin.connect(), cluster.connect()])
  try {
    const { groups } = await admin.describeGroups([groupId])
    await cluster.refreshMetadata()
    const coordinator = await cluster.findGroupCoordinator({ groupId })
    for (const { memberId } of groups[0]?.members ?? []) await coordinator.leaveGroup({ groupId, memberId })
  } finally {
    await Promise.all([admin.disconnect(), cluster.disconnect()])
  }
}

function clusterOf(kafka: Kafka): Cluster {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster') as symbol
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[key]?.({}) as Cluster
}
