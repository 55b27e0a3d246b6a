import { join } from 'node:path'
import { pythonPrograms } from './locked-folder.ts'

/** lifelines, with which survival curves are compared in a test; about 300 MB. */
export const { install: installLifelines, python: lifelinesPython } = pythonPrograms('lifelines', join('test', 'statistics'))
