import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatMocha from '@nomicfoundation/hardhat-mocha'
import { createRequire } from 'node:module'
import { defineConfig } from 'hardhat/config'

/** The compiler comes from npm by path, so that nothing is downloaded while building. */
const compilerPath = createRequire(import.meta.url).resolve('solc/soljson.js')

export default defineConfig({
  plugins: [hardhatEthers, hardhatMocha],
  paths: {
    sources: 'contracts/src',
    tests: { mocha: 'contracts/test', solidity: 'contracts/test' },
    artifacts: 'contracts/artifacts',
    cache: 'contracts/cache',
  },
  test: {
    // Whole networks of contracts are deployed in hooks, beside other tests.
    mocha: { timeout: 120_000 },
    solidity: {
      // A fixed seed: a red run is the same run again.
      fuzz: { runs: 256, seed: '0x6f726c6f70', failurePersistDir: 'contracts/cache/fuzz' },
      // The handler checks while it drives, so its reverts are findings.
      invariant: {
        runs: 12,
        depth: 40,
        failOnRevert: true,
        failurePersistDir: 'contracts/cache/invariant',
      },
    },
  },
  solidity: {
    version: '0.8.37',
    path: compilerPath,
    settings: {
      optimizer: { enabled: true, runs: 1_000_000 },
      viaIR: true,
      evmVersion: 'cancun',
      // The hash would stand for the compiler's job as well: a contract built alone would differ from the same built with all.
      metadata: { bytecodeHash: 'none' },
    },
  },
})
