import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type RequestHandler, type Router } from 'express'
import { HttpRefusal } from './http-refusal.ts'
import { nothingHere } from './problem-handler.ts'
import { builtFiles } from './static-pages.ts'

const PATH = '/vault'

/** Whether the vault is among the built pages. @param pagesFolder - of the explorer. */
export function hasVault(pagesFolder: string): boolean {
  return existsSync(join(vaultFolder(pagesFolder), 'index.html'))
}

/**
 * The vault at `/vault/`: its one page and the files of that, nothing else. Its own addresses are behind `#` and never come here.
 *
 * @param pagesFolder - of the explorer, with the vault's in it; it may be missing, then the answer says how to make it.
 */
export function vaultPages(pagesFolder: string): Router {
  const folder = vaultFolder(pagesFolder)
  // Strict: the page's files are named relative to `/vault/`.
  const router = express.Router({ strict: true })
  router.get(PATH, mustBeBuilt(pagesFolder), (_request, response) => {
    response.set('Cache-Control', 'no-cache').redirect('vault/')
  })
  router.get(`${PATH}/`, mustBeBuilt(pagesFolder), (_request, response) => {
    response.sendFile('index.html', {
      root: folder,
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    })
  })
  router.use(PATH, builtFiles(folder))
  router.get(`${PATH}/config.json`, nothingConfigured)
  router.use(PATH, nothingHere)
  return router
}

/** In place of a file that is missing: a gateway needs none, and the browser would report every visit as an error. */
const nothingConfigured: RequestHandler = (_request, response) => {
  response.set('Cache-Control', 'no-cache').json({})
}

function vaultFolder(pagesFolder: string): string {
  return join(pagesFolder, 'vault')
}

function mustBeBuilt(pagesFolder: string): RequestHandler {
  return (_request, _response, next) => {
    if (hasVault(pagesFolder)) {
      next()
      return
    }
    throw new HttpRefusal(
      'NOT_FOUND',
      "The vault is not built here. Build it with 'npm run build:vault -w explorer', or open your own copy of it.",
      { status: 404 },
    )
  }
}
