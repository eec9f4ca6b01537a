import { serveWork, type WorkerScope } from './serve-work.ts'

// The script of a page's web worker. There is no type for the scope beside those of pages.
serveWork(globalThis as unknown as WorkerScope)
