// For `node --import`: a SIGHUP does not end the process while its modules are loaded. Plain JavaScript for Node 20 and later.
import { ignoreEarlyHangup } from './hangup.mjs'

ignoreEarlyHangup()
