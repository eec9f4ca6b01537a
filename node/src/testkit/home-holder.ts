import { z } from 'zod'
import { lockHome } from '../home-lock.ts'

/** A process that takes the node's home it is told of, says when it has it, and holds it until it is killed. */
process.once('message', (home: unknown) => {
  void lockHome(z.string().parse(home)).then(() => process.send?.('locked'))
})
