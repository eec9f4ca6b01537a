import type {} from '@nomicfoundation/hardhat-ethers'
import {
  Contract,
  type ContractTransactionReceipt,
  type LogDescription,
  Wallet,
  id,
  keccak256,
  toUtf8Bytes,
} from 'ethers'
import { network } from 'hardhat'
import { type Domain, type Message, type MessageName, sign } from './messages.ts'

export type Connection = Awaited<ReturnType<typeof network.create>>

export interface Commit {
  objectId: string
  headerHash: string
  root: string
  streamBytes: bigint
  expiry: bigint
  sequence: bigint
  clientId: number
  nodeId: number
  classCode: number
  index: number
  k: number
  m: number
  level: number
  flags: number
}

export interface Citation {
  commit: Commit
  batchId: bigint
  proof: string[]
}

export interface Member {
  id: number
  wallet: Wallet
}

export const HEAVY = 1n
export const NO_SIGNATURE = `0x${'00'.repeat(64)}`
export const hash = (label: string): string => id(label)

/** The three contracts on a fresh hardhat network, with two admitted nodes and one admitted client. */
export class Ledger {
  readonly connection: Connection
  readonly admin: Wallet
  readonly registry: Contract
  readonly receipts: Contract
  readonly credit: Contract
  readonly chainId: bigint

  private constructor(parts: {
    connection: Connection
    admin: Wallet
    contracts: [Contract, Contract, Contract]
    chainId: bigint
  }) {
    this.connection = parts.connection
    this.admin = parts.admin
    ;[this.registry, this.receipts, this.credit] = parts.contracts
    this.chainId = parts.chainId
  }

  static async deploy(): Promise<Ledger> {
    const connection = await network.create()
    const { ethers } = connection
    const admin = await fundedWallet(connection, 'admin')
    const registry = await ethers.deployContract('Registry', [admin.address], admin)
    const receipts = await ethers.deployContract('Receipts', [await registry.getAddress()], admin)
    const credit = await ethers.deployContract('Credit', [await receipts.getAddress()], admin)
    const { chainId } = await ethers.provider.getNetwork()
    const contracts: [Contract, Contract, Contract] = [registry, receipts, credit]
    return new Ledger({ connection, admin, contracts, chainId })
  }

  async close(): Promise<void> {
    await this.connection.close()
  }

  domainOf(contract: Contract): Domain {
    const verifyingContract = contract.target as string
    return { name: 'Orlop', version: '1', chainId: this.chainId, verifyingContract }
  }

  sign(by: Wallet, name: MessageName, message: Message): string {
    const contract =
      name === 'Rating'
        ? this.credit
        : name === 'RegisterClient' || name === 'RotateSigner'
          ? this.registry
          : this.receipts
    return sign(by, name, this.domainOf(contract), message)
  }

  async wallet(label: string): Promise<Wallet> {
    return fundedWallet(this.connection, label)
  }

  /** Registers a node and, unless told otherwise, admits it. */
  async addNode(label: string, isAdmitted = true): Promise<Member> {
    const wallet = await this.wallet(label)
    await send(this.registry, wallet, 'registerNode', profileOf(label), HEAVY)
    const nodeId = Number(await read<bigint>(this.registry, 'nodeIdOf', wallet.address))
    if (isAdmitted) await send(this.registry, this.admin, 'admitNode', nodeId, 'known')
    return { id: nodeId, wallet }
  }

  /** Registers a client and, unless told otherwise, admits it. */
  async addClient(label: string, isAdmitted = true): Promise<Member> {
    const wallet = await this.wallet(label)
    const message = registrationOf(wallet, label)
    const relay = await this.wallet('relay')
    const signature = this.sign(wallet, 'RegisterClient', message)
    await send(this.registry, relay, 'registerClient', message, signature)
    const clientId = Number(await read<bigint>(this.registry, 'clientIdOf', wallet.address))
    if (isAdmitted) await send(this.registry, this.admin, 'admitClient', clientId, 0, 'known')
    return { id: clientId, wallet }
  }

  async now(): Promise<bigint> {
    const block = await this.connection.ethers.provider.getBlock('latest')
    return BigInt(block?.timestamp ?? 0)
  }

  async passTime(seconds: number): Promise<void> {
    const { provider } = this.connection.ethers
    await provider.send('evm_increaseTime', [seconds])
    await provider.send('evm_mine', [])
  }
}

async function fundedWallet(connection: Connection, label: string): Promise<Wallet> {
  const { provider } = connection.ethers
  const wallet = new Wallet(keccak256(toUtf8Bytes(`orlop test ${label}`)), provider)
  await provider.send('hardhat_setBalance', [wallet.address, '0x56bc75e2d63100000'])
  return wallet
}

export function profileOf(name: string) {
  return {
    peerId: `0x0020${keccak256(toUtf8Bytes(name)).slice(2)}`,
    addresses: '/ip4/127.0.0.1/tcp/4001,/ip4/127.0.0.1/tcp/4002',
    capacityBytes: 1_000_000n,
    region: 'CNSHA',
    name,
  }
}

export function registrationOf(signer: Wallet, name: string) {
  return {
    signer: signer.address,
    recovery: new Wallet(keccak256(toUtf8Bytes(`orlop test recovery of ${name}`))).address,
    openingKey: hash(`opening key of ${name}`),
    imoNumber: 9_074_729,
    name,
  }
}

/** Sends a transaction and waits for its block. Reverts throw; see `expectRevert`. */
export async function send(
  contract: Contract,
  by: Wallet,
  method: string,
  ...args: unknown[]
): Promise<ContractTransactionReceipt> {
  const connected = new Contract(contract.target, contract.interface, by)
  const response = await connected.getFunction(method).send(...args)
  const receipt = await response.wait()
  if (receipt === null) throw new Error(`${method} was not mined`)
  return receipt
}

/** Calls a view function. */
export async function read<T>(contract: Contract, method: string, ...args: unknown[]): Promise<T> {
  return (await contract.getFunction(method).staticCall(...args)) as T
}

/** The events of a contract in a transaction, in order; all of them or those of one name. */
export function eventsOf(
  contract: Contract,
  receipt: ContractTransactionReceipt,
  name?: string,
): LogDescription[] {
  return receipt.logs
    .filter((log) => log.address === contract.target)
    .map((log) => contract.interface.parseLog(log))
    .filter((event): event is LogDescription => event !== null)
    .filter((event) => name === undefined || event.name === name)
}
