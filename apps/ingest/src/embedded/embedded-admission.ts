import { Admission, type AdmissionOptions } from '../admission/admission.ts'
import type { EmbeddedIngestLog } from './embedded-ingest-log.ts'

/** Admission into a data folder. There a write succeeds or fails at once, and no other process closes silent writers. */
export function embeddedAdmission(log: EmbeddedIngestLog, options: Omit<AdmissionOptions, 'log' | 'registry' | 'name'>): Admission {
  const alone = { name: 'this process', timeoutMs: Number.POSITIVE_INFINITY, answerMsMax: Number.POSITIVE_INFINITY }
  return new Admission({ ...alone, ...options, log, registry: log.registry() })
}
