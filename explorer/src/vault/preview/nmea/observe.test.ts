import { expect } from 'chai'
import { observe } from './observe.ts'

const NOTHING = { timeOfDayMs: null, dateMs: null, position: null, speedKnots: null }

/** @param body - as it stands between `$` and `*`. */
function observeBody(body: string) {
  const [address = '', ...fields] = body.split(',')
  return observe({ address, fields })
}

const TIME_MS = ((9 * 60 + 55) * 60 + 59) * 1000
const POSITION = { latitude: 60 + 5.071 / 60, longitude: 23 + 32.346 / 60 }

describe('observe', () => {
  for (const [body, expected] of [
    ['GPGLL,6005.071,N,02332.346,E,095559,A,D', { timeOfDayMs: TIME_MS, position: POSITION }],
    ['GPGLL,6005.071,N,02332.346,E', { position: POSITION }],
    ['GPGLL,6005.071,N,02332.346,E,095559,V,N', { timeOfDayMs: TIME_MS, position: 'none' }],
    [
      'GNGGA,095559.00,6005.071,N,02332.346,E,1,08,0.9,1.0,M,18.0,M,,',
      { timeOfDayMs: TIME_MS, position: POSITION },
    ],
    [
      'INGGA,095559.50,6005.071,N,02332.346,E,0,00,,,M,,M,,',
      { timeOfDayMs: TIME_MS + 500, position: 'none' },
    ],
    [
      'GNGNS,095559,6005.071,N,02332.346,E,AN,12,0.7,1.0,18.0,,',
      { timeOfDayMs: TIME_MS, position: POSITION },
    ],
    ['GNGNS,095559,6005.071,N,02332.346,E,NN,00,,,,,', { timeOfDayMs: TIME_MS, position: 'none' }],
    [
      'GPRMC,095559,A,6005.071,N,02332.346,E,5.81,224.4,220322,,,D',
      {
        timeOfDayMs: TIME_MS,
        position: POSITION,
        dateMs: Date.UTC(2022, 2, 22),
        speedKnots: 5.81,
      },
    ],
    [
      'GPRMC,095559,V,,,,,5.81,,220322,,,N',
      { timeOfDayMs: TIME_MS, position: 'none', dateMs: Date.UTC(2022, 2, 22) },
    ],
    ['IIVTG,224.44,T,224.44,M,5.81,N,,,D', { speedKnots: 5.81 }],
    ['IIVTG,224.44,T,,M,5.81,N,10.8,K,N', {}],
    ['GPZDA,095559,22,03,2022,00,00', { timeOfDayMs: TIME_MS, dateMs: Date.UTC(2022, 2, 22) }],
    ['GPZDA,095559,,,,00', { timeOfDayMs: TIME_MS }],
  ] as const) {
    it(`reads ${body}`, () => {
      expect(observeBody(body)).to.deep.equal({ ...NOTHING, ...expected })
    })
  }

  it('has south and west below zero', () => {
    const observation = observeBody('GPGLL,3355.0,S,15112.6,W')
    expect(observation?.position).to.deep.equal({
      latitude: -(33 + 55 / 60),
      longitude: -(151 + 12.6 / 60),
    })
  })

  for (const fields of [
    '9000.001,N,02332.346,E',
    '6060.0,N,02332.346,E',
    '6005.071,N,18000.001,E',
    '6005.071,E,02332.346,N',
    '605.071,N,02332.346,E',
    '6005.071,N,2332.346,E',
    '6005.,N,02332.346,E',
    '-005.071,N,02332.346,E',
    '6005.071,,02332.346,',
    '1e10,N,02332.346,E',
  ]) {
    it(`has no position for ${fields}`, () => {
      expect(observeBody(`GPGLL,${fields}`)?.position).to.equal('none')
    })
  }

  for (const time of ['240000', '096000', '095561', '9555', '09:55:59', '+95559']) {
    it(`has no time for ${time}`, () => {
      expect(observeBody(`GPZDA,${time},,,,`)?.timeOfDayMs).to.equal(null)
    })
  }

  it('has no date that no calendar has', () => {
    expect(observeBody('GPZDA,095559,30,02,2022,,')?.dateMs).to.equal(null)
  })

  it('takes a leap second for the second before', () => {
    expect(observeBody('GPZDA,235960.00,31,12,2016,,')?.timeOfDayMs).to.equal(86_399_999)
  })

  it("leaves makers' own sentences and other kinds alone", () => {
    for (const body of ['PXGGA,095559', 'PGRMC,A', 'IIHDT,1,T', 'constructor,1', '__proto__,1']) {
      expect(observeBody(body), body).to.equal(null)
    }
  })
})
