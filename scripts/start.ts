// `npm start`: all of Rondo in one process. `npm run start:ingest` and the like: one app, `start.ts --app NAME …`.
import { launch } from './launch.ts'

const [flag, app = '', ...rest] = process.argv.slice(2)
if (flag === '--app') await launch(app, rest)
else await launch('standalone', process.argv.slice(2))
