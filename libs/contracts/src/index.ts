export { type ActivityEvent, type Actor, activityEventSchema, actorSchema, ID_BYTES_MAX, idSchema } from './activity-event.ts'
export {
  type AdminRecord,
  adminRecordSchema,
  eventPlannedSchema,
  eventRetiredSchema,
  type Key,
  type KeyRole,
  keyCreatedSchema,
  keyEndedSchema,
  keyRoles,
  keySchema,
  laterKind,
  quarantineDiscardedSchema,
  quarantineReplayedSchema,
  type Reload,
  type ReloadRefused,
  type ReplayedItem,
  reloadedSchema,
  reloadRefusedSchema,
  unplannedSetSchema,
} from './admin-record.ts'
export { ARCHIVE_VERSION, type ArchiveFile, type ArchiveManifest, archiveManifestSchema } from './archive-manifest.ts'
export { canonicalInstant } from './canonical-instant.ts'
export { type Comparison, type Condition, conditionSchema, type Operators, operatorsSchema } from './condition.ts'
export {
  actorTypeOf,
  addressLimits,
  type CycleDefinition,
  cycleDefinitionSchema,
  definitionDefaults,
  definitionLimits,
  OWN_ACTOR_PATH,
  type Scalar,
  type Scenario,
  type SignalDefinition,
  type StageDefinition,
  type StageKind,
  scenarioSchema,
  senderTypeOf,
  stageKinds,
  type TransitionDefinition,
  VISITOR,
} from './cycle-definition.ts'
export { durationMs, durationSchema, formatDuration, parseDuration } from './duration.ts'
export { type ErrorCode, errorCodes } from './error-codes.ts'
export { type DefectSample, defectSampleSchema, type EventName, eventNameSchema } from './event-name.ts'
export { exactNumber, isHeldExactly, isWithinSafe } from './exact-number.ts'
export { formatInstant, INSTANT_MAX, INSTANT_MIN, type Instant, instantOf, instantSchema, isZeroTime, parseInstant } from './instant.ts'
export { midnightOf, parseIsoTime, type WrittenTime, writtenTime } from './iso-time.ts'
export {
  backfillBeginSchema,
  backfillEndSchema,
  type ControlRecord,
  controlRecordSchema,
  tickSchema,
  writerCloseSchema,
  writerOpenSchema,
} from './log-record.ts'
export {
  type MeasureDefinition,
  type MeasureFields,
  type MeasureKindName,
  measureKindNames,
  measureKindOf,
  measureKinds,
  measurePathKeys,
  measurePathOf,
  measureSchema,
  measureSignalKeys,
  measureSignalsOf,
} from './measure-kinds.ts'
export { nameSchema } from './name.ts'
export {
  type Evidence,
  evidenceSchema,
  type Output,
  type OutputKind,
  outputKinds,
  outputSchema,
  type TransitionKind,
  transitionKinds,
} from './output.ts'
export { plainExpectation } from './plain-expectation.ts'
export {
  type PlanDefect,
  type PlanMode,
  type PlannedEvent,
  planDefectSchema,
  planModes,
  plannedEventSchema,
  type UnplannedMode,
  unplannedModes,
} from './planned-event.ts'
export { type Cursor, cursorSchema, type Position, positionSchema } from './position.ts'
export { printable } from './printable.ts'
export {
  type LateReason,
  type LateRecord,
  lateReasons,
  lateRecordSchema,
  type QuarantineRecord,
  quarantineRecordSchema,
  type RefusedForm,
  refusedForms,
} from './refusal.ts'
export { type Repair, repairSchema } from './repair.ts'
export { RondoError } from './rondo-error.ts'
export {
  type Reference,
  type SourceDefinition,
  type SourceFormat,
  type SourceList,
  type SourceMapping,
  sourceListSchema,
  sourceMappingSchema,
} from './source-list.ts'
export { suspiciousId, suspiciousNames } from './suspicious-id.ts'
