import { dirname } from 'node:path'

/** The checkout's top folder; every script runs from there, from any working directory. */
export const root = dirname(import.meta.dirname)
