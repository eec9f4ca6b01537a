import { expect } from 'chai'
import { Contract, type ErrorDescription, type Wallet } from 'ethers'

/** Expects a call to revert with a custom error of this contract; further arguments are compared when given. */
export async function expectRevert(
  call: { contract: Contract; by: Wallet; method: string; args: unknown[] },
  expected: { error: string; args?: unknown[] },
): Promise<void> {
  const error = await revertOf(call)
  expect(error?.name).to.equal(expected.error)
  if (expected.args !== undefined) expect(error?.args.toArray()).to.deep.equal(expected.args)
}

async function revertOf(call: {
  contract: Contract
  by: Wallet
  method: string
  args: unknown[]
}): Promise<ErrorDescription | null> {
  const connected = new Contract(call.contract.target, call.contract.interface, call.by)
  try {
    await connected.getFunction(call.method).staticCall(...call.args)
  } catch (cause) {
    const data = dataOf(cause)
    if (data === null) throw cause
    return call.contract.interface.parseError(data)
  }
  throw new Error(`${call.method} did not revert`)
}

/** Revert data, which ethers and hardhat put at different depths. */
function dataOf(cause: unknown): string | null {
  if (typeof cause !== 'object' || cause === null) return null
  if ('data' in cause && typeof cause.data === 'string') return cause.data
  for (const key of ['error', 'info', 'cause', 'data'] as const) {
    const found = key in cause ? dataOf((cause as Record<string, unknown>)[key]) : null
    if (found !== null) return found
  }
  return null
}
