import { createRequire } from 'node:module'

/** Requests of a transaction, by their names in kafkajs, in the order in which they are made. */
export const transactionCalls = ['initProducerId', 'addPartitionsToTxn', 'produce', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn'] as const
export type TransactionCall = (typeof transactionCalls)[number]

type Send = (request: object) => Promise<unknown>
const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Record<TransactionCall, Send> }

/** What is done instead of a request: `send` sends it after all. */
export type Interception = (send: () => Promise<unknown>) => Promise<unknown>

/** Has requests of this process go through `instead`, until it is disposed of. */
export function intercept(call: TransactionCall, instead: Interception): Disposable {
  const original = prototype[call]
  prototype[call] = function (this: unknown, request) {
    return instead(() => original.call(this, request))
  }
  return {
    [Symbol.dispose]: () => {
      prototype[call] = original
    },
  }
}

/** Does `first` with the first request and lets all others through. */
export function interceptOnce(call: TransactionCall, first: Interception): Disposable {
  let isFirst = true
  return intercept(call, (send) => {
    if (!isFirst) return send()
    isFirst = false
    return first(send)
  })
}

/** What kafkajs says when a connection ends while a request is on its way. */
export class ConnectionLost extends Error {
  override readonly name = 'KafkaJSConnectionClosedError'
  readonly retriable = true
}
