import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { faultPoint } from '#runtime'
import { withinArchive } from './archive-failure.ts'

/** The beginning of the names of files that are not complete. */
export const INCOMPLETE = '.incomplete-'

/** The name of a file while it is being written, beside its later place, so that one rename completes it. */
export function incompletePath(path: string): string {
  return join(dirname(path), `${INCOMPLETE}${basename(path)}`)
}

/** Gives a complete, synced file its name. When this returns, the file is there also after a power failure. */
export function publishFile(path: string): void {
  faultPoint('archive-rename', 'enter')
  withinArchive(path, () => {
    renameSync(incompletePath(path), path)
    syncFolder(dirname(path))
  })
  faultPoint('archive-rename', 'leave')
}

/** Replaces a file: after a crash at any instant it has the text before or the new one. */
export function writeDurably(path: string, text: string): void {
  withinArchive(path, () => writeSynced(incompletePath(path), Buffer.from(text)))
  publishFile(path)
}

/** Creates a folder with its parents; each is there also after a power failure. */
export function makeFolders(path: string): void {
  withinArchive(path, () => {
    const first = mkdirSync(path, { recursive: true })
    if (first === undefined) return
    for (let folder = path; folder !== dirname(first); folder = dirname(folder)) syncFolder(dirname(folder))
  })
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    // A disk that becomes full may take a part of the bytes.
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
