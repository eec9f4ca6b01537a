export { nodeBackend as backend } from './node-backend.ts'
