/** An operation of Kafka's ACLs. */
export type RightOperation = 'Read' | 'Write' | 'Delete' | 'Describe' | 'DescribeConfigs'

/** Operations that a holder must be allowed on one resource, or on all whose names begin so. */
export interface RequiredRight {
  readonly resource: 'Topic' | 'Group' | 'TransactionalId'
  readonly name: string
  /** Whether the name is the beginning of names. */
  readonly isPrefix: boolean
  readonly operations: readonly RightOperation[]
  /** What is not possible without it. */
  readonly purpose: string
}
