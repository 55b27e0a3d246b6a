// `npm start`: all of Rondo in one process. `npm run start:ingest` and the like: one app, `start.ts --app NAME …`.
import { launch } from './launch.ts'

const [flag, app = '', ...rest] = process.argv.slice(2)
if (flag === '--app') await launch(app, rest)
else {
  // Who names neither a folder nor a definition wants to see something: an empty folder is filled with the data that comes with Rondo.
  const chosen = process.argv.slice(2)
  const demo = chosen.some((arg) => /^--(data|definition)\b/.test(arg)) ? [] : ['--demo']
  await launch('standalone', [...demo, ...chosen])
}
