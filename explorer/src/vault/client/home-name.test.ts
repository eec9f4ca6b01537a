import { expect } from 'chai'
import { homeName } from './home-name.ts'

const ADDRESS = '0x9D46a3b7E1f2083c5d6E7A8b9C0d1e2F3a4B5c6D'

describe('homeName', () => {
  it('is the same for one client, however its address is written, and tells nothing of it', () => {
    const name = homeName(ADDRESS)
    expect(name).to.match(/^vault-[0-9a-f]{16}$/)
    expect(homeName(ADDRESS.toLowerCase())).to.equal(name)
    expect(homeName(`0x${'0f'.repeat(20)}`)).to.not.equal(name)
    expect(ADDRESS.toLowerCase()).to.not.contain(name.slice(6))
  })
})
