/** What `orlop node run` hands on to the node's own program, as the user wrote it; that program checks the values. */
export interface NodeFlags {
  name: string
  tier: string
  region: string
  listen: string[]
  announce?: string[]
  rpcUrl: string
  deployment: string
  finalityDepth?: string
  finalityAgeMs?: string
  finalityTag?: boolean
  capacity: string
  master?: boolean
  admitClients?: string
  admitNodes?: string
  metricsPort: string
  repairIndex?: boolean
  logFile?: string
  logLevel?: string
}

/** The arguments of the node's program. @param home - the node's own folder. */
export function nodeArguments(home: string, flags: NodeFlags): string[] {
  return [
    ...['--home', home, '--name', flags.name, '--tier', flags.tier, '--region', flags.region],
    ...['--listen', ...flags.listen, '--rpc-url', flags.rpcUrl, '--deployment', flags.deployment],
    ...['--capacity', flags.capacity, '--metrics-port', flags.metricsPort],
    ...(flags.announce === undefined ? [] : ['--announce', ...flags.announce]),
    ...optional('--finality-depth', flags.finalityDepth),
    ...optional('--finality-age-ms', flags.finalityAgeMs),
    ...(flags.finalityTag === true ? ['--finality-tag'] : []),
    ...(flags.master === true ? ['--master'] : []),
    ...optional('--admit-clients', flags.admitClients),
    ...optional('--admit-nodes', flags.admitNodes),
    ...(flags.repairIndex === true ? ['--repair-index'] : []),
    ...optional('--log-file', flags.logFile),
    ...optional('--log-level', flags.logLevel),
  ]
}

function optional(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [option, value]
}
