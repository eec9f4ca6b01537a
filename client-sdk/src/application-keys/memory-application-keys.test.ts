import { applicationKeysConformance } from './application-keys.conformance.ts'
import { MemoryApplicationKeys } from './memory-application-keys.ts'

applicationKeysConformance('memory', () => {
  const keys = new MemoryApplicationKeys()
  return Promise.resolve({
    keys,
    rotate: (appId, keyId) => {
      keys.rotate(appId, keyId)
      return Promise.resolve()
    },
    revoke: (appId, keyId) => {
      keys.revoke(appId, keyId)
      return Promise.resolve()
    },
  })
})
