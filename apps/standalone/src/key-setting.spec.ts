import { expect, it } from '@jest/globals'
import { keyDefects, keySettingOf } from './key-setting.ts'

it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('on %s, which only this machine reaches, keys are optional', (host) => {
  expect([keySettingOf('', host), keySettingOf('required', host), keyDefects('optional', host)]).toEqual(['optional', 'required', []])
})

it.each(['0.0.0.0', '::', '10.0.0.7', 'rondo.example', '127.0.0.1.example', 'localhost.example'])('on %s keys are required', (host) => {
  expect([keySettingOf('', host), keyDefects('', host), keyDefects('required', host)]).toEqual(['required', [], []])
  expect(keyDefects('optional', host)).toEqual([expect.stringContaining(`other machines reach ${host}`)])
})

it('nothing else can be set', () => expect(keyDefects('off', '127.0.0.1')).toEqual(['--keys: expected required or optional, found off']))
