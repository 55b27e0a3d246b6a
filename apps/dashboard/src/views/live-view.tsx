import { Newest } from '../parts/newest.tsx'

/** What happens at this moment. */
export function LiveView() {
  return <Newest title="As it happens" most={100} />
}
