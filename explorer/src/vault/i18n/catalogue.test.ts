import { ERROR_CODES } from '@orlop/protocol/error-codes'
import { expect } from 'chai'
import { catalogueConformance } from '../../i18n/catalogue.conformance.ts'
import { vaultEn } from './en.ts'
import { vaultZhCn } from './zh-cn.ts'

catalogueConformance('message catalogue of the vault', {
  english: vaultEn,
  chinese: vaultZhCn,
  sameInBoth: [],
})

describe('texts for errors', () => {
  it('are there for codes that an error can have, and for no others', () => {
    expect(Object.keys(ERROR_CODES)).to.include.members(Object.keys(vaultEn.error))
  })
})
