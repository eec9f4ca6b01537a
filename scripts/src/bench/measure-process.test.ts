import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { childSeconds, measureProcess } from './measure-process.ts'

use(chaiAsPromised)

const never = new AbortController().signal

function node(script: string) {
  return { file: process.execPath, args: ['-e', script] }
}

describe('measureProcess', () => {
  it('counts the processor time that the program takes', async () => {
    const works = await measureProcess(
      node('const end = process.cpuUsage().user + 1e5; while (process.cpuUsage().user < end);'),
      never,
    )
    expect(works.cpuSeconds).to.be.at.least(0.1)
  })

  it('gives back what the program printed', async () => {
    const { output } = await measureProcess(node('console.log(process.env.COLOUR)'), never)
    const plan = { ...node('console.log(process.env.COLOUR)'), environment: { COLOUR: 'red' } }
    expect(output).to.equal('undefined\n')
    expect((await measureProcess(plan, never)).output).to.equal('red\n')
  })

  it('fails with what the program complained of', async () => {
    const plan = node('console.error("no disk"); process.exit(3)')
    await expect(measureProcess(plan, never)).to.be.rejectedWith('no disk')
  })

  it('kills a program on the signal', async () => {
    const stop = new AbortController()
    const run = measureProcess(node('setInterval(() => {}, 1000)'), stop.signal)
    stop.abort(new Error('enough'))
    await expect(run).to.be.rejectedWith('enough')
  })

  it('reads what shells write about time', () => {
    expect(childSeconds('0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n')).to.equal(62.75)
    expect(() => childSeconds('')).to.throw(RangeError)
  })
})
