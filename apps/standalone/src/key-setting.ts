import { isLoopback } from '#access'

const keySettings = ['required', 'optional'] as const
export type KeySetting = (typeof keySettings)[number]

/** Whether requests need keys. Unless it is set, they do as soon as other machines can send some. */
export function keySettingOf(text: string, host: string): KeySetting {
  if (text === 'required' || text === 'optional') return text
  return isLoopback(host) ? 'optional' : 'required'
}

/** What is wrong with the settings of access. */
export function keyDefects(text: string, host: string): string[] {
  if (text !== '' && !keySettings.some((one) => one === text)) return [`--keys: expected required or optional, found ${text}`]
  if (text !== 'optional' || isLoopback(host)) return []
  return [`--keys optional: other machines reach ${host}, so that keys are required: leave --keys out, or listen on 127.0.0.1 with a proxy in front`]
}
