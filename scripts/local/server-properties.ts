import type { KafkaUsers } from './security/kafka-users.ts'

/** The ports on which a broker listens. */
export interface BrokerPorts {
  readonly clients: number
  /** Of the one node that is the controller, too. */
  readonly controller: number
}

/** What distinguishes a broker. */
export interface NodeOptions {
  readonly node?: number
  /** Whom it asks for a login; without them it asks nobody, and encrypts nothing. */
  readonly users?: KafkaUsers | undefined
}

/** The node that is the controller of its cluster. */
export const CONTROLLER = 1

/**
 * The settings of a KRaft node for tests and trials: one copy of everything, no waiting for other members of a group, sessions
 * from 1 s, early aborts of transactions that ran out of time, and a log cleaner that does not wait.
 */
export function serverProperties(folder: string, ports: BrokerPorts, { node = CONTROLLER, users }: NodeOptions = {}): string {
  const protocol = users === undefined ? 'PLAINTEXT' : 'SASL_SSL'
  const [roles, listeners] = node === CONTROLLER ? ['broker,controller', `,CONTROLLER://127.0.0.1:${ports.controller}`] : ['broker', '']
  const settings = {
    'process.roles': roles,
    'node.id': node,
    'controller.quorum.voters': `${CONTROLLER}@127.0.0.1:${ports.controller}`,
    listeners: `${protocol}://127.0.0.1:${ports.clients}${listeners}`,
    // A broker that dies is noticed soon, so that its partitions soon have no leader.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'advertised.listeners': `${protocol}://127.0.0.1:${ports.clients}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,${protocol}:${protocol}`,
    'log.dirs': folder,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 2,
    // Brokers delete a position after a week by default, but the folder of a cluster may be unused for longer.
    'offsets.retention.minutes': 60 * 24 * 3650,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 2,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    'log.cleaner.backoff.ms': 100,
    'log.initial.task.delay.ms': 100,
    'log.cleaner.dedupe.buffer.size': 8 << 20,
    ...users?.brokerProperties(),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
