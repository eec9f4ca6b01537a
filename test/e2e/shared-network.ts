import { RealNetwork } from '../testkit/real-network.ts'

let shared: Promise<RealNetwork> | null = null

/**
 * One network of real processes for every test that only stores and fetches on it: starting one takes longer than most tests. Who
 * kills a part of it starts that part again (`heal`).
 */
export function sharedNetwork(): Promise<RealNetwork> {
  shared ??= RealNetwork.up()
  return shared
}

// At the root of the run: this module is imported while mocha reads the test files.
after(async () => {
  await (await shared)?.down()
})
