// A process that follows a data folder, batch after batch without a pause, until it is killed: `node following-process.ts FOLDER FILE ROWS_MAX`.
import { readDefinition } from '#cycle'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { FollowedFolder } from './followed-folder.ts'

const [path = '', file = '', rowsMax = ''] = process.argv.slice(2)
const { definition } = readDefinition(PULSE, 'pulse.yaml')
const followed = await FollowedFolder.open(definition as NonNullable<typeof definition>, path, file)
// With the usual threshold a file this small would be moved out of its log of changes only when it is closed.
await followed.history.rows("SET checkpoint_threshold = '64KB'")
await followed.follow({ rowsMax: Number(rowsMax) })
process.stdout.write('followed to the end\n')
// Until it is killed.
setInterval(() => {}, 1_000_000)
