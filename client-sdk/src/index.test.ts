import { expect } from 'chai'
import * as sdk from './index.ts'

describe('sdk: what it exports', () => {
  it('is exactly this; changing it changes what applications rely on', () => {
    expect(Object.keys(sdk).sort()).to.deep.equal([
      'DEFAULT_SETTINGS',
      'FileKeyring',
      'MemoryKeyring',
      'OrlopError',
      'RemoteError',
      'RpcEvidenceLedger',
      'checkEvidence',
      'classify',
      'createClient',
      'createFileKeyring',
      'decide',
      'formatObjectId',
      'formatOpeningKey',
      'formatRecoveryKey',
      'isOrlopError',
      'loadPolicy',
      'openCardAt',
      'openLedger',
      'parseCardAddress',
      'parseObjectId',
      'parseOpeningKey',
      'parsePolicy',
      'parseRecoveryKey',
      'readSubject',
    ])
  })
})
