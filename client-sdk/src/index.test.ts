import { expect } from 'chai'
import * as sdk from './index.ts'

describe('sdk: what it exports', () => {
  it('is exactly this; changing it changes what applications rely on', () => {
    expect(Object.keys(sdk).sort()).to.deep.equal([
      'APPLICATION_KEY_BYTES',
      'CENTRE_ID_BYTES',
      'CardReleaseOpener',
      'CentreApplicationKeys',
      'DEFAULT_KEY_ID',
      'DEFAULT_SETTINGS',
      'FileKeyring',
      'MemoryApplicationKeys',
      'MemoryKeyring',
      'OrlopError',
      'RemoteError',
      'RpcEvidenceLedger',
      'cardSm2Key',
      'checkEvidence',
      'classify',
      'closeCards',
      'createClient',
      'createFileKeyring',
      'decide',
      'formatObjectId',
      'formatOpeningKey',
      'formatRecoveryKey',
      'isOrlopError',
      'loadPolicy',
      'openCardAt',
      'openCardsAt',
      'openLedger',
      'openWithCard',
      'openWithParts',
      'openWithShares',
      'openWithSm2Key',
      'parseCardAddress',
      'parseObjectId',
      'parseOpeningKey',
      'parsePolicy',
      'parseRecoveryKey',
      'readIdentity',
      'readSubject',
      'requireCardAt',
    ])
  })
})
