import { crewConformance } from './crew.conformance.ts'
import { ThreadCrew } from './thread-crew.ts'

crewConformance('threads of Node', (options) => new ThreadCrew({ threads: 2, ...options }))
