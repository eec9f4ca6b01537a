import type { IncomingMessage } from 'node:http'

/**
 * The network address a request comes from, as express tells it with `trust proxy`: of the addresses that proxies have added, the one that
 * the outermost trusted proxy saw.
 *
 * @param trustedProxies - proxies in front whose word counts; 0 for none.
 */
export function callerAddress(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  const hops = forwarded.map((hop) => hop.trim()).filter((hop) => hop !== '')
  const seen = [...hops, request.socket.remoteAddress ?? '']
  return seen[Math.max(0, seen.length - 1 - trustedProxies)] ?? ''
}
