import { createRequire } from 'node:module'
import { isTlsRefusal } from '#runtime'

/** A connection of kafkajs. `ssl` is one object for all connections of a client. */
interface Connection {
  readonly ssl: object | null
}
/** An error of kafkajs; it repeats what failed with a retriable one. */
interface ConnectionFailure {
  readonly code?: string
  retriable: boolean
}
/** The class of kafkajs whose method is replaced. */
interface ConnectionClass {
  connect(this: Connection): Promise<unknown>
  isPatient?: boolean
}

/** Wraps a failure so that kafkajs does not try again at once; {@link kafkaFailure} takes it out again. */
export class NotRetried extends Error {
  override readonly name = 'NotRetried'
  readonly retriable = false

  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

/** How many brokers a client may still ask, by its TLS options, before a refused certificate ends the attempt. */
const brokersLeft = new WeakMap<object, { readonly all: number; left: number }>()

/** To be called with the TLS options of each client, and the number of brokers that its settings name. */
export function countBrokers(ssl: unknown, count: number): void {
  if (typeof ssl === 'object' && ssl !== null) brokersLeft.set(ssl, { all: count, left: count })
}

/**
 * kafkajs 2.2.4 takes each failed connection for an outage, and connects again after some milliseconds. A refused certificate stays refused: here
 * each broker is asked once, and then the attempt has failed; the callers try again after their pauses.
 */
export function failSoonOnTls(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as { prototype: ConnectionClass }
  if (prototype.isPatient === true) return
  const { connect } = prototype
  prototype.isPatient = true
  prototype.connect = async function () {
    readFiles(this.ssl)
    const brokers = brokersLeft.get(this.ssl ?? {})
    try {
      const connected = await connect.call(this)
      if (brokers !== undefined) brokers.left = brokers.all
      return connected
    } catch (failure) {
      if (brokers !== undefined && isTlsRefusal((failure as ConnectionFailure).code)) {
        brokers.left -= 1
        Object.assign(failure as ConnectionFailure, { retriable: brokers.left > 0 })
      }
      throw failure
    }
  }
}

/** kafkajs would turn the failure of a file into one of the network, and try again. */
function readFiles(ssl: object | null): void {
  try {
    void { ...ssl }
  } catch (failure) {
    throw new NotRetried(failure as Error)
  }
}
