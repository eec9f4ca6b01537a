import type { Deployment } from '@orlop/protocol/deployment'
import { creditAbi, receiptsAbi, registryAbi } from './abi.generated.ts'
import { TypedContract } from './typed-contract.ts'

/** The three contracts of one deployment. */
export interface OrlopContracts {
  registry: TypedContract<typeof registryAbi>
  receipts: TypedContract<typeof receiptsAbi>
  credit: TypedContract<typeof creditAbi>
}

export function orlopContracts(deployment: Deployment): OrlopContracts {
  return {
    registry: new TypedContract(registryAbi, deployment.registry),
    receipts: new TypedContract(receiptsAbi, deployment.receipts),
    credit: new TypedContract(creditAbi, deployment.credit),
  }
}
