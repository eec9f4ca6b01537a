export { nobleBackend as backend } from '../backends/noble-backend.ts'
