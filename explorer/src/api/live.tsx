import { apiEvents, type ApiEvent, type ApiEventName } from '@orlop/protocol/api/service'
import { API_EVENTS_PATH } from '@orlop/protocol/api/routes'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'

/** What has just come from the ledger. */
interface Live {
  isConnected: boolean
  blockNumber: number | null
  hasRolledBack: boolean
}

const LiveContext = createContext<Live>({
  isConnected: false,
  blockNumber: null,
  hasRolledBack: false,
})

/** Changes are gathered this long before the pages ask anew: a batch brings many records at once. */
const GATHER_MS = 400
const EVENT_NAMES = Object.keys(apiEvents) as ApiEventName[]

/** Which answers an event makes old, by the first part of their key. */
const OUTDATED: Readonly<Record<ApiEventName, readonly string[]>> = {
  record: [
    'overview',
    'statistics',
    'receipts',
    'objects',
    'object',
    'clients',
    'client',
    'transaction',
  ],
  rating: ['overview', 'ratings', 'nodeCredit', 'object', 'receipts'],
  transaction: ['transactions', 'transaction', 'nodeHistory', 'clientHistory', 'object', 'client'],
  node: ['overview', 'nodes', 'node'],
  head: ['health'],
  rollback: [],
}

function readEvent(name: ApiEventName, text: string): ApiEvent | null {
  try {
    const parsed = apiEvents[name].safeParse(JSON.parse(text))
    return parsed.success ? ({ name, data: parsed.data } as ApiEvent) : null
  } catch {
    return null
  }
}

/** Asks anew what the reader sees and events made old. A list of several pages stays as it is while it is read. */
function refresh(client: QueryClient, outdated: ReadonlySet<string>): void {
  void client.invalidateQueries({
    predicate: ({ queryKey, state }) => {
      const pages = (state.data as { pages?: unknown[] } | undefined)?.pages
      return outdated.has(String(queryKey[0])) && (pages?.length ?? 1) <= 1
    },
  })
}

/** Listens to the gateway's live events and keeps every page up to date. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [live, setLive] = useState<Live>({
    isConnected: true,
    blockNumber: null,
    hasRolledBack: false,
  })
  useEffect(() => {
    const outdated = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | null = null
    const gather = (names: readonly string[]) => {
      for (const name of names) outdated.add(name)
      timer ??= setTimeout(() => {
        timer = null
        refresh(client, outdated)
        outdated.clear()
      }, GATHER_MS)
    }
    const receive = (event: ApiEvent) => {
      if (event.name === 'head') {
        const { blockNumber } = event.data
        setLive((now) => ({ ...now, blockNumber }))
      }
      if (event.name === 'rollback') {
        setLive((now) => ({ ...now, hasRolledBack: true, blockNumber: event.data.blockNumber }))
        void client.resetQueries()
      }
      gather(OUTDATED[event.name])
    }
    const stop = listen(receive, (isConnected, isAgain) => {
      setLive((now) => ({ ...now, isConnected }))
      // What came while nobody listened is not told again.
      if (isConnected && isAgain) void client.invalidateQueries()
    })
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [client])
  return <LiveContext value={live}>{children}</LiveContext>
}

function listen(
  receive: (event: ApiEvent) => void,
  tellConnection: (isConnected: boolean, isAgain: boolean) => void,
): () => void {
  const source = new EventSource(API_EVENTS_PATH)
  let wasConnected = false
  source.addEventListener('open', () => {
    tellConnection(true, wasConnected)
    wasConnected = true
  })
  source.addEventListener('error', () => tellConnection(false, wasConnected))
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      const event = readEvent(name, message.data)
      if (event !== null) receive(event)
    })
  }
  return () => source.close()
}

export function useLive(): Live {
  return use(LiveContext)
}
