import { z } from 'zod'
import { type HomeLock, lockHome } from '../home-lock.ts'

/** Reachable, so that the collector does not close it. */
const held: HomeLock[] = []

/** A process that takes the node's home it is told of, says when it has it, and holds it until it is killed. */
process.on('message', (home: unknown) => {
  void lockHome(z.string().parse(home)).then((lock) => {
    held.push(lock)
    process.send?.('locked')
  })
})
