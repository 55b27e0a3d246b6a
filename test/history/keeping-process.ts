// A process that keeps the history of a folder: `node keeping-process.ts FOLDER FILE ROWS_MAX`. It prints what is reported, and what a question gives after
// each failure; when history is complete, it prints all relations.
import { compileCycle, readDefinition } from '#cycle'
import { CycleHistory } from '#history'
import { openCycleFolder } from '#projections'
import { folderHistory } from '../../apps/serving/src/history/folder-history.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { relationsOf } from './followed-folder.ts'

const [path = '', file = '', rowsMax = ''] = process.argv.slice(2)
const { definition } = readDefinition(PULSE, 'pulse.yaml')
const cycle = compileCycle(definition as NonNullable<typeof definition>)
const folder = openCycleFolder(path, cycle)
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

let arePrinted = false
const history = new CycleHistory({
  cycle,
  generation: 1,
  path: file,
  source: () => folderHistory(folder, folder),
  limits: { rowsMax: Number(rowsMax), bytesMax: 1 << 20 },
  pauseMs: 100,
  report: {
    rebuilt: (reason) => print({ rebuilt: reason }),
    failed: ({ code, message }) => {
      print({ failed: code, message })
      history.rows('SELECT count(*) AS transitions FROM transitions').then(
        ([answer]) => print({ answer }),
        (refusal: Error) => print({ refusal: refusal.message }),
      )
    },
    wrote: () => {
      // Once: the process may be killed as soon as they were read, and a line must not be cut off.
      if (arePrinted || !Number.isFinite(history.completeTo)) return
      arePrinted = true
      void relationsOf(history).then((relations) => print({ relations }))
    },
  },
})
history.start()
process.once('SIGTERM', () => void history.stop().then(() => folder.close()))
