import type { Abi, AbiError, AbiParameter } from 'abitype'
import { Interface, type InterfaceAbi } from 'ethers'
import { creditAbi, receiptsAbi, registryAbi } from '../abi.generated.ts'
import { CLIENT_STATES, NODE_STATES } from './ledger-values.ts'

/** What a contract reverted with: the name of its error and the error's arguments. */
export interface RevertReason {
  reason: string
  facts: Record<string, string | number>
}

const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  'enum IRegistry.NodeState': NODE_STATES,
  'enum IRegistry.ClientState': CLIENT_STATES,
}

// A contract passes on what another one reverted with, so each error may come from any of the three.
const errors = [registryAbi, receiptsAbi, creditAbi]
  .flatMap((abi: Abi) => [...abi])
  .filter((entry): entry is AbiError => entry.type === 'error')
const everyError = new Interface(errors as InterfaceAbi)

/** @param data - revert data, 0x and hexadecimal digits; null when the endpoint gave none. */
export function revertReason(data: string | null): RevertReason {
  const parsed = data === null ? null : everyError.parseError(data)
  if (parsed === null) return { reason: 'Reverted', facts: {} }
  const inputs = errors.find(({ name }) => name === parsed.name)?.inputs ?? []
  const values: readonly unknown[] = parsed.args
  const facts = inputs.map((input, place) => [
    input.name ?? String(place),
    factOf(input, values[place]),
  ])
  return { reason: parsed.name, facts: Object.fromEntries(facts) as RevertReason['facts'] }
}

function factOf(input: AbiParameter, value: unknown): string | number {
  const names = ENUMERATIONS[input.internalType ?? '']
  if (names !== undefined) return names[Number(value)] ?? String(value)
  return typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : String(value)
}
