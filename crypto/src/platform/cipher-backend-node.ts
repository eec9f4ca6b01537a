export { nodeBackend as backend } from '../backends/node-backend.ts'
