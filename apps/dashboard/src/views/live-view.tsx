import { Newest } from '../parts/newest.tsx'
import { AtRisk } from './live/at-risk.tsx'
import { JustLeft } from './live/just-left.tsx'

/** What happens at this moment, who may leave, and who just left. */
export function LiveView() {
  return (
    <div class="split">
      <div class="column">
        <AtRisk />
        <JustLeft />
      </div>
      <div class="column">
        <Newest title="As it happens" most={40} />
      </div>
    </div>
  )
}
