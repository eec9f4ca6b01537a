import type { Bench } from './bench.ts'
import { cardsBench } from './cards/cards-bench.ts'
import { offloadBench } from './cards/offload-bench.ts'
import { explorerBench } from './explorer/explorer-bench.ts'
import { gasBench } from './gas.ts'
import { keystreamBench } from './keystream.ts'
import { kmcBench } from './kmc/kmc-bench.ts'
import { kmcChaosBench } from './kmc/kmc-chaos-bench.ts'
import { brokenLinkBench } from './network/broken-link.ts'
import { largeBench } from './network/large.ts'
import { networkBench } from './network/network-bench.ts'
import { pageBench } from './page/page-bench.ts'
import { sealBench } from './seal/seal-bench.ts'

/** Every bench, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  keystreamBench,
  sealBench,
  cardsBench,
  offloadBench,
  kmcBench,
  kmcChaosBench,
  gasBench,
  explorerBench,
  pageBench,
  networkBench,
  brokenLinkBench,
  largeBench,
]
