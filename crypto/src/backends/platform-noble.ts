export { nobleBackend as backend } from './noble-backend.ts'
