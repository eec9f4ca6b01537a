import { chainClientConformance } from './chain-client.conformance.ts'
import { testKey, type LedgerUnderTest } from './chain-client.fixture.ts'
import { deployContracts } from './deploy-contracts.ts'
import { AnvilProcess } from './embedded/anvil-process.ts'
import { EthersChainClient } from './ethers-chain-client.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'

const ADMIN_KEY = testKey(11)

describe('EthersChainClient', () => {
  let anvil: AnvilProcess

  before(async () => {
    anvil = await AnvilProcess.start()
  })

  after(() => anvil.stop())

  async function fresh(): Promise<LedgerUnderTest> {
    const { rpcUrl } = anvil
    const deployment = await deployContracts({ rpcUrl, privateKey: ADMIN_KEY })
    const rpc = new RpcConnection(rpcUrl)
    return {
      deployment,
      adminKey: ADMIN_KEY,
      connect: (privateKey) => new EthersChainClient({ rpcUrl, deployment, privateKey }),
      markLoss: async () => {
        const mark = await rpc.call('evm_snapshot', [])
        return async () => {
          await rpc.call('evm_revert', [mark])
        }
      },
    }
  }

  chainClientConformance('ethers on anvil', fresh)
})
