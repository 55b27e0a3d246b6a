import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '../temporary-folder.ts'
import { hideSecrets, Secret } from './secret.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

describe('a secret', () => {
  it('shows dots wherever it is printed', () => {
    const settings = { password: Secret.of('very-secret') }
    expect([`${settings.password}`, JSON.stringify(settings), inspect(settings)].filter((text) => text.includes('very'))).toEqual([])
    expect(settings.password.reveal()).toBe('very-secret')
  })

  it('is removed from messages of others once it has been used', () => {
    const text = 'refused: user rondo, password hunter2-hunter2'
    const secret = Secret.of('hunter2-hunter2')
    expect(hideSecrets(text)).toBe(text)
    secret.reveal()
    expect(hideSecrets(text)).toBe('refused: user rondo, password …')
  })

  it('in a file is read again at each use, so a changed one is used at the next connection', () => {
    const file = join(home.path, 'password')
    writeFileSync(file, 'first one\n')
    const secret = Secret.inFile(file, 'RONDO_X_FILE')
    expect(secret.reveal()).toBe('first one')
    writeFileSync(file, 'second\r\n')
    expect(secret.reveal()).toBe('second')
  })

  it('is the same as another one with its text or its file', () => {
    const file = join(home.path, 'of-two')
    const secrets = [Secret.of(file), Secret.of('other'), Secret.inFile(file, 'RONDO_X_FILE'), Secret.inFile('other', 'RONDO_X_FILE')]
    for (const [at, secret] of secrets.entries()) expect(secrets.map((other) => secret.hasOriginOf(other))).toEqual(secrets.map((_, of) => of === at))
    expect([Secret.of('other').hasOriginOf(secrets[1]), Secret.inFile(file, 'RONDO_Y_FILE').hasOriginOf(secrets[2])]).toEqual([true, true])
    expect(Secret.of('other').hasOriginOf(undefined)).toBe(false)
  })

  it('in a pipe is refused at once, although nobody writes to the pipe', () => {
    const pipe = join(home.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => Secret.inFile(pipe, 'RONDO_X_FILE').reveal()).toThrow('it is not a regular file')
  })

  it.each([
    ['missing', undefined, 'there is no such file'],
    ['empty', '\n', 'it is empty'],
  ])('in a file that is %s names the setting and the file', (name, content, reason) => {
    const file = join(home.path, name)
    if (content !== undefined) writeFileSync(file, content)
    const message = `RONDO_X_FILE: the file ${file} cannot be used: ${reason}. Correct the file or the setting.`
    expect(() => Secret.inFile(file, 'RONDO_X_FILE').reveal()).toThrow(expect.objectContaining({ code: 'RONDO_SECRET_UNREADABLE', retriable: true, message }))
  })
})
