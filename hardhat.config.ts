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
  solidity: {
    version: '0.8.37',
    path: compilerPath,
    settings: { optimizer: { enabled: true, runs: 1_000_000 }, viaIR: true, evmVersion: 'cancun' },
  },
})
