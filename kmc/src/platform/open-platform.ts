import type { Router } from 'express'
import type { Registry } from 'prom-client'
import { CardPool } from '@orlop/crypto/cards/pool/card-pool'
import type { PoolAlert } from '@orlop/crypto/cards/pool/pool-events'
import type { CardSource } from '@orlop/crypto/cards/pool/pooled-card'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import type { Logger } from '@orlop/protocol/logger'
import { routerOf } from '../api/router-of.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import { Timestamps } from '../timestamps/timestamps.ts'
import { platformHandlers } from './platform-handlers.ts'
import { PlatformMetrics } from './platform-metrics.ts'
import { PLATFORM_ROUTES } from './platform-routes.ts'
import { Platform } from './platform.ts'
import { rawRouter } from './raw-router.ts'

/** Of one application; what is beyond waits, and beyond that is refused. */
const QUOTA = { maxConcurrent: 8, maxWaiting: 256 }

/** The software card has no sessions: this bounds what lies in memory. */
const SOFTWARE: CardSource = {
  name: 'software',
  maxConcurrent: 64,
  open: (signal) => openSoftwareCard({ name: 'software', signal }),
}

/** What {@link openPlatform} needs. */
export interface PlatformParts {
  readonly centre: Centre
  /** Of the centre's metrics. */
  readonly registry: Registry
  readonly logger: Logger
  /** Cards that do the work, as far as they have what it takes; software does the rest, and all of it where there are none. */
  readonly cards: readonly CardSource[]
}

/** The platform's API, ready to be served. */
export interface OpenedPlatform {
  readonly routers: readonly Router[]
  /** What is due every now and then. */
  keepUp(): Promise<void>
  /** Before the centre is sealed and stops. */
  stop(): Promise<void>
}

/** Opens the platform's API of a centre. Cards open meanwhile; what comes before they are waits. */
export function openPlatform({ centre, registry, logger, cards }: PlatformParts): OpenedPlatform {
  const metrics = new PlatformMetrics(registry)
  const onAlert = (alert: PoolAlert) => {
    metrics.alert(alert)
    logger.warn(describe(alert), 'cards')
  }
  const software = new CardPool({ name: 'software', defaultQuota: QUOTA, onAlert })
  software.add(SOFTWARE)
  const pool = new CardPool({ name: 'cards', defaultQuota: QUOTA, onAlert })
  for (const source of cards) pool.add(source)
  metrics.watch([pool, software])
  const platform = new Platform({ centre, pool, software, meter: metrics })
  return {
    routers: [
      routerOf(PLATFORM_ROUTES, platformHandlers(platform)),
      rawRouter(platform, new Timestamps(centre)),
    ],
    keepUp: () => platform.flushUses('ended'),
    stop: async () => {
      await platform.flushUses('all').catch((error: unknown) => {
        // A sealed centre writes nothing; that keys were used is on record already.
        const code = error instanceof KmcError ? error.code : 'INTERNAL'
        logger.warn({ code }, 'how often keys were used since is not on record')
      })
      await Promise.all([pool.close(), software.close()])
    },
  }
}

function describe(alert: PoolAlert): object {
  if (!('error' in alert)) return alert
  const { kind, card, error } = alert
  return { kind, card, reason: error.message }
}
