import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import express, { type RequestHandler, type Router } from 'express'
import { HttpRefusal } from './http-refusal.ts'

const YEAR_MS = 365 * 24 * 3_600_000
/** Where the build puts files whose names change with their content. */
const HASHED = ['assets', join('vault', 'assets')]

/**
 * The explorer's built pages. An address without a file is a page of the application.
 *
 * @param folder - where the build is; it may be missing, then the pages say how to make it.
 */
export function staticPages(folder: string): Router {
  const router = express.Router()
  router.use(builtFiles(folder))
  router.get('/*page', applicationPage(folder))
  router.get('/', applicationPage(folder))
  return router
}

/**
 * The files that a build left in a folder. Those named after their content are kept by browsers for good, all others are asked for again.
 */
export function builtFiles(folder: string): RequestHandler {
  return express.static(folder, {
    index: false,
    redirect: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.setHeader('Cache-Control', cachingOf(relative(folder, path)))
    },
  })
}

function cachingOf(path: string): string {
  const isHashed = HASHED.some((place) => path.startsWith(place + sep))
  return isHashed ? `public, max-age=${YEAR_MS / 1000}, immutable` : 'no-cache'
}

function applicationPage(folder: string): RequestHandler {
  return (request, response, next) => {
    // A name with an ending was a file: a page in its place would hide that it is missing.
    if (/\.[a-z0-9]{1,8}$/i.test(request.path)) {
      next()
      return
    }
    if (!existsSync(join(folder, 'index.html'))) {
      throw new HttpRefusal(
        'NOT_FOUND',
        "The explorer's pages are not built. Build them with 'npm run build -w explorer'; the API is at /openapi.json.",
        { status: 404 },
      )
    }
    response.sendFile('index.html', {
      root: folder,
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    })
  }
}
