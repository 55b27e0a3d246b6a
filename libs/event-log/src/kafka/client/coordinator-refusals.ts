import { isOfType } from './kafka-failure.ts'

const COORDINATOR_UNKNOWN = ['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS']
/** Retries while the brokers decide which of them keeps the offsets of a group, or while that broker loads them: some seconds. */
export const RETRIES_UNTIL_COORDINATED = {
  pauseMs: 50,
  pauseMsMax: 1000,
  attemptsMax: 30,
  retryOn: (failure: unknown) => COORDINATOR_UNKNOWN.some((type) => isOfType(failure, type)),
}

/** The answer that names a coordinator. */
type CoordinatorAnswer = Promise<{ readonly coordinator: { readonly nodeId: number } }>
/** Asks for the coordinator of a group or of a transactional id. */
interface CoordinatorSearch {
  findGroupCoordinatorMetadata(request: { readonly groupId: string; readonly coordinatorType: number }): CoordinatorAnswer
  readonly brokerPool: { findConnectedBroker(): Promise<{ findGroupCoordinator(request: object): CoordinatorAnswer }> }
}

/** kafkajs 2.2.4 hides why no broker names a coordinator: a missing right looks like an outage. Here one broker is asked again, and its answer is kept. */
export function revealCoordinatorRefusals<Cluster>(cluster: Cluster): Cluster {
  const search = cluster as CoordinatorSearch
  const find = search.findGroupCoordinatorMetadata.bind(search)
  search.findGroupCoordinatorMetadata = async (request) => {
    try {
      return await find(request)
    } catch (failure) {
      if ((failure as Error).name !== 'KafkaJSGroupCoordinatorNotFound') throw failure
      const broker = await search.brokerPool.findConnectedBroker()
      return broker.findGroupCoordinator(request)
    }
  }
  return cluster
}
