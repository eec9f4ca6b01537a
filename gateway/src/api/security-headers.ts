import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * What browsers are told to refuse: everything that is not a file of the explorer's or the vault's own. `'wasm-unsafe-eval'` lets the
 * cipher's WebAssembly be compiled, and no text be run; `blob:` lets the vault show a picture that it opened.
 *
 * @param ledgerOrigin - where pages may ask the ledger themselves; null for nowhere.
 */
export function securityHeaders(ledgerOrigin: string | null): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: [
          "'self'",
          (request) => socketOrigin(request),
          ...(ledgerOrigin === null ? [] : [ledgerOrigin]),
        ],
        fontSrc: ["'self'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        workerSrc: ["'self'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether there is TLS at all is the business of the proxy in front, and so is this header.
    strictTransportSecurity: false,
  })
}

/** Some browsers do not take a WebSocket of the page's own host for `'self'`. */
function socketOrigin({ headers }: IncomingMessage): string {
  const host = URL.parse(`http://${headers.host ?? ''}`)?.host ?? ''
  return /^[a-z0-9.:[\]-]+$/.test(host) ? `ws://${host} wss://${host}` : "'self'"
}
