import { PassThrough } from 'node:stream'
import { readFile } from 'node:fs/promises'
import { CommanderError } from 'commander'
import { expect } from 'chai'
import { KmcError } from '@orlop/kmc/kmc-error'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from './context.ts'
import { reportFailure } from './failure.ts'

/** Reports a failure and gives back what the user sees. */
function report(error: unknown, flags: { json?: boolean; debug?: boolean } = {}) {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const stderr = new PassThrough({ encoding: 'utf8' })
  const context = { json: false, debug: false, ...flags, stdout, stderr } as unknown as CliContext
  const exitCode = reportFailure(context, error)
  const read = (stream: PassThrough) => (stream.read() as string | null) ?? ''
  return { exitCode, out: read(stdout), err: read(stderr) }
}

const failed = new OrlopError('NODE_UNREACHABLE', 'Node A03 does not answer. Check the link.', {
  details: { nodeId: 3 },
  cause: new Error('connect refused'),
})

describe('a failure on the command line', () => {
  it('is one sentence on stderr and exit code 1, without a stack', () => {
    const { exitCode, out, err } = report(failed)
    expect([exitCode, out, err]).to.deep.equal([
      1,
      '',
      'orlop: Node A03 does not answer. Check the link.\n',
    ])
  })

  it('of usage has exit code 2', () => {
    expect(report(new OrlopError('USAGE', 'No.')).exitCode).to.equal(2)
    expect(report(new CommanderError(1, 'commander.unknownOption', 'No.')).exitCode).to.equal(2)
  })

  it('is a JSON document on stdout with --json', () => {
    expect(JSON.parse(report(failed, { json: true }).out)).to.deep.equal({
      error: { code: 'NODE_UNREACHABLE', message: failed.message, details: { nodeId: 3 } },
    })
  })

  it('of a key management centre is told with the centre’s code, and is usage where it says so', () => {
    const sealed = new KmcError('CENTRE_SEALED', 'The centre is sealed.', { details: { given: 1 } })
    const { exitCode, out, err } = report(sealed, { json: true })
    expect([exitCode, err]).to.deep.equal([1, 'orlop: The centre is sealed.\n'])
    expect(JSON.parse(out)).to.deep.equal({
      error: { code: 'CENTRE_SEALED', message: sealed.message, details: { given: 1 } },
    })
    expect(report(new KmcError('REQUEST_INVALID', 'No.')).exitCode).to.equal(2)
  })

  it('shows stacks and causes with --debug only', () => {
    expect(report(failed, { debug: true }).err)
      .to.contain('failure.test.ts')
      .and.contain('Caused by: Error: connect refused')
  })

  it('of the file system names the file and what to do', async () => {
    const error: unknown = await readFile('/no/such/file').catch((reason: unknown) => reason)
    expect(report(error).err).to.equal('orlop: /no/such/file does not exist. Check the path.\n')
  })

  it('that nobody expected says how to find out more', () => {
    expect(report(new TypeError('x is not a function')).err).to.contain('--debug')
  })
})
