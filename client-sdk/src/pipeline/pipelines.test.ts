import { InlineCrew } from './inline-crew.ts'
import { pipelineConformance } from './pipelines.conformance.ts'
import { ThreadCrew } from './thread-crew.ts'
import { withoutSharedMemory } from '../testkit/without-shared-memory.ts'

const inThreads = () => {
  const crew = new ThreadCrew({ threads: 2 })
  return { crew, stop: () => crew.stop() }
}

pipelineConformance('in the calling thread', () => ({
  crew: new InlineCrew(),
  stop: () => Promise.resolve(),
}))
pipelineConformance('in worker threads', inThreads)
describe('where memory cannot be shared', () => {
  withoutSharedMemory()
  pipelineConformance('in worker threads', inThreads)
})
