import { dirname } from 'node:path'

/** The checkout's top folder; every script runs from there, whatever folder it is called in. */
export const root = dirname(import.meta.dirname)
