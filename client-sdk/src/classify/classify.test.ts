import { readFile } from 'node:fs/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { DataClass } from '@orlop/protocol/data-classes'

import { classify } from './classify.ts'
import { HEAD_BYTES } from './subject.ts'
import type { Subject } from './subject.ts'

use(chaiAsPromised)

const encoder = new TextEncoder()

function subject(content: string | Uint8Array, name = 'x', folder = ''): Subject {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content
  return { name, folder, sizeBytes: bytes.length, head: bytes.subarray(0, HEAD_BYTES) }
}

function bytes(hex: string, tailBytes = 64): Uint8Array {
  return Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), Buffer.alloc(tailBytes)])
}

/** The beginning of an Office file: a zip whose first entry says what is inside. */
function officeHead(contentType: string): Uint8Array {
  const name = '[Content_Types].xml'
  const part = `<Override PartName="/x.xml" ContentType="${contentType}.main+xml"/>`
  const content = Buffer.from(`<?xml version="1.0"?><Types>${part}</Types>`)
  const header = Buffer.alloc(30)
  header.write('PK\x03\x04', 'latin1')
  header.writeUInt16LE(20, 4)
  header.writeUInt32LE(content.length, 18)
  header.writeUInt32LE(content.length, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, Buffer.from(name), content, Buffer.alloc(64)])
}

const OFFICE = 'application/vnd.openxmlformats-officedocument'

interface Golden {
  readonly title: string
  readonly content: string | Uint8Array
  readonly dataClass: DataClass
  readonly format: string
}

/** ISO/IEC 8211 leader and the beginning of the directory, as an S-57 cell has them. */
const S57_HEAD =
  '015823LE1 0900201 ! 3404' +
  '0000123000000010470123DSID1591700DSSI1130329VRID0780442' +
  '\x1eISO/IEC 8211 Record Identifier'

const GOLDEN: readonly Golden[] = [
  {
    title: 'JPEG',
    content: bytes('ffd8ffe000104a46494600010100'),
    dataClass: 'image',
    format: 'jpeg',
  },
  {
    title: 'PNG',
    content: bytes(
      '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489 0000000a49444154',
    ),
    dataClass: 'image',
    format: 'png',
  },
  { title: 'GIF', content: bytes('474946383961 0100 0100'), dataClass: 'image', format: 'gif' },
  {
    title: 'WebP',
    content: bytes('52494646 24000000 57454250 56503820'),
    dataClass: 'image',
    format: 'webp',
  },
  { title: 'TIFF', content: bytes('49492a00 08000000 0000'), dataClass: 'image', format: 'tif' },
  {
    title: 'MP4',
    content: bytes('00000018 66747970 6d703432 00000000 6d703432 69736f6d'),
    dataClass: 'video',
    format: 'mp4',
  },
  {
    title: 'Matroska',
    content: bytes('1a45dfa3 93 4282 88 6d6174726f736b61'),
    dataClass: 'video',
    format: 'mkv',
  },
  {
    title: 'AVI',
    content: bytes('52494646 24000000 41564920 4c495354'),
    dataClass: 'video',
    format: 'avi',
  },
  { title: 'PDF', content: '%PDF-1.7\n1 0 obj\n', dataClass: 'document', format: 'pdf' },
  {
    title: 'zip',
    content: bytes(
      '504b0304 1400 0000 0000 00000000 00000000 00000000 00000000 0500 0000 612e747874',
    ),
    dataClass: 'archive',
    format: 'zip',
  },
  {
    title: 'DOCX',
    content: officeHead(`${OFFICE}.wordprocessingml.document`),
    dataClass: 'document',
    format: 'docx',
  },
  {
    title: 'XLSX',
    content: officeHead(`${OFFICE}.spreadsheetml.sheet`),
    dataClass: 'document',
    format: 'xlsx',
  },
  { title: 'gzip', content: gzipSync('text '.repeat(100)), dataClass: 'archive', format: 'gz' },
  {
    title: 'zstd',
    content: zstdCompressSync('text '.repeat(100)),
    dataClass: 'archive',
    format: 'zst',
  },
  { title: 'xz', content: bytes('fd377a585a00 0004'), dataClass: 'archive', format: 'xz' },
  { title: '7z', content: bytes('377abcaf271c 0004'), dataClass: 'archive', format: '7z' },
  { title: 'an S-57 cell', content: S57_HEAD, dataClass: 'chart-export', format: 's-57' },
  {
    title: 'an S-63 permit',
    content: ':DATE 20220322 10:00\n:VERSION 2\n:ENC\nNO4D061320220322 ...\n:ECS\n',
    dataClass: 'chart-export',
    format: 's-63-permit',
  },
  {
    title: 'an RTZ route',
    content:
      '<?xml version="1.0"?>\n<route version="1.0" xmlns="http://www.cirm.org/RTZ/1/0"><routeInfo/></route>',
    dataClass: 'voyage-plan',
    format: 'rtz',
  },
  {
    title: 'GPX with a route',
    content: '<?xml version="1.0"?><gpx version="1.1"><rte><rtept lat="60" lon="24"/></rte></gpx>',
    dataClass: 'voyage-plan',
    format: 'gpx',
  },
  {
    title: 'GPX with a track only',
    content: '<?xml version="1.0"?><gpx version="1.1"><trk><trkseg/></trk></gpx>',
    dataClass: 'telemetry',
    format: 'gpx',
  },
  {
    title: 'KML',
    content: '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>',
    dataClass: 'data',
    format: 'kml',
  },
  {
    title: 'other XML',
    content: '<?xml version="1.0"?><crew><name>A</name></crew>',
    dataClass: 'data',
    format: 'xml',
  },
  {
    title: 'a Signal K delta log',
    content:
      '{"context":"vessels.self","updates":[{"values":[{"path":"navigation.speedOverGround","value":3}]}]}\n',
    dataClass: 'telemetry',
    format: 'signal-k',
  },
  {
    title: 'an engine log as CSV',
    content:
      'time,ME RPM,LO press bar,Exh gas temp cyl 1,Fuel rate\n10:00,92,3.1,341,1.2\n10:01,92,3.1,342,1.2\n',
    dataClass: 'engine-log',
    format: 'csv',
  },
  {
    title: 'an engine log as Chinese CSV',
    content: '时间;主机转速;滑油压力;排温\n10:00;92;3.1;341\n10:01;92;3.1;342\n',
    dataClass: 'engine-log',
    format: 'csv',
  },
  {
    title: 'an engine log as JSON lines',
    content: '{"ts":1,"engineSpeed":92,"lubeOilPressure":3.1,"exhaustGasTemp":341}\n',
    dataClass: 'engine-log',
    format: 'json',
  },
  { title: 'other JSON', content: '{"name":"x","list":[1,2]}', dataClass: 'data', format: 'json' },
  {
    title: 'a time series as CSV',
    content: 'timestamp,a,b\n1,2,3\n4,5,6\n7,8,9\n',
    dataClass: 'telemetry',
    format: 'csv',
  },
  {
    title: 'other CSV',
    content: 'name,rank\nLi,2/O\nWang,C/E\n',
    dataClass: 'data',
    format: 'csv',
  },
  {
    title: 'a voyage plan as English text',
    content:
      'PASSAGE PLAN\nDeparture port: Helsinki  ETD 08:00\nArrival port: Tallinn  ETA 11:30\nWaypoints: 5\n',
    dataClass: 'voyage-plan',
    format: 'text',
  },
  {
    title: 'a voyage plan as Chinese text',
    content: '2022年3月22日船舶航行计划表\n航次 出发港 目的港 预计到港时间\n1 上海 大连 18:00\n',
    dataClass: 'voyage-plan',
    format: 'text',
  },
  {
    title: 'a general log',
    content:
      '2022-03-22 10:00:00 INFO started\n2022-03-22 10:00:01 WARN low\n2022-03-22 10:00:02 INFO ok\n',
    dataClass: 'log',
    format: 'text',
  },
  {
    title: 'prose',
    content: 'Dear master,\n\nplease find the papers below.\n',
    dataClass: 'document',
    format: 'text',
  },
  { title: 'nothing', content: '', dataClass: 'data', format: 'empty' },
  { title: 'noise', content: bytes('00ff17a0 99 03 00 d1'), dataClass: 'data', format: 'unknown' },
]

describe('classification', () => {
  for (const { title, content, dataClass, format } of GOLDEN) {
    it(`knows ${title} by its content`, async () => {
      expect(await classify(subject(content))).to.include({ dataClass, format })
    })
  }

  it('knows recorded NMEA 0183 and says how many sentences had a valid checksum', async () => {
    const log = await readFile(new URL('../../test-data/nmea-0183.log', import.meta.url))
    const result = await classify(subject(log))
    expect(result).to.include({ dataClass: 'nmea-log', format: 'nmea-0183' })
    expect(result.evidence[0]?.detail).to.equal(
      '40 of 40 sampled lines are NMEA 0183 sentences, 40 with a valid checksum.',
    )
  })

  it('does not take lines that only look like NMEA 0183 when their checksums are wrong', async () => {
    const log = '$IIVHW,,T,,M,06.11,N,11.31,K*00\n$IIVPW,4.71,N,,*00\n$IIMWV,338,R,13.41,N,A*00\n'
    expect((await classify(subject(log))).dataClass).to.not.equal('nmea-log')
  })

  it('knows recorded NMEA 2000', async () => {
    const log = await readFile(new URL('../../test-data/n2k-canboat.txt', import.meta.url))
    expect(await classify(subject(log))).to.include({
      dataClass: 'nmea-log',
      format: 'n2k-canboat',
    })
  })

  const N2K_FORMS = {
    'n2k-candump': '(1436509053.250713) can0 18EEFF01#01A0A00100C03CC0',
    'n2k-actisense-ascii': 'A173321.107 23FF7 1F513 012F3070002F30709F',
    'n2k-ydwg': '00:17:55.475 R 0DF50B23 FF FF FF FF FF 00 00 FF',
    'n2k-ikonvert': '!PDGY,126992,3,2,255,0.563,2QDwq3w8',
  }
  for (const [format, line] of Object.entries(N2K_FORMS)) {
    it(`knows NMEA 2000 written as ${format}`, async () => {
      const log = `${line}\n`.repeat(5)
      expect(await classify(subject(log))).to.include({ dataClass: 'nmea-log', format })
    })
  }

  it('lets a name decide what a container holds', async () => {
    const report = subject('%PDF-1.7\n', 'Passage Plan Helsinki-Tallinn.pdf')
    expect(await classify(report)).to.include({ dataClass: 'voyage-plan', format: 'pdf' })
    const table = subject('a,b\nx,y\nz,w\n', '航行计划.csv')
    expect((await classify(table)).dataClass).to.equal('voyage-plan')
  })

  it('does not let a name or a folder overrule what the content is for certain', async () => {
    const photo = subject(bytes('ffd8ffe000104a464946000101'), 'voyage-plan.jpg', 'ecdis/charts')
    const result = await classify(photo)
    expect(result.dataClass).to.equal('image')
    expect(result.confidence).to.be.within(0.5, 0.99)
  })

  it('takes the nearest telling folder into account', async () => {
    const noise = bytes('00ff17a0 99 03 00 d1')
    expect((await classify(subject(noise, 'a.bin', '/srv/VDR_export/2022'))).dataClass).to.equal(
      'vdr-export',
    )
    expect((await classify(subject(noise, 'a.bin', '/vdr/ECDIS/x'))).dataClass).to.equal(
      'chart-export',
    )
  })

  it('knows a chart cell by its name when its content is encrypted', async () => {
    const cell = subject(bytes('9f17a0e2 99 03 00 d1'), 'NO4D0613.000')
    expect((await classify(cell)).dataClass).to.equal('chart-export')
  })

  it('reads UTF-16 and GB 18030', async () => {
    const text = '航次 出发港 目的港 预计到港\n1 上海 大连 18:00\n'
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
    expect((await classify(subject(utf16))).dataClass).to.equal('voyage-plan')
    // 航次 目的港 预计到港 in GB 18030
    const gb = Buffer.from('babdb4ce20c4bfb5c4b8db20d4a4bcc6b5bdb8db0a', 'hex')
    expect((await classify(subject(gb))).dataClass).to.equal('voyage-plan')
  })

  it('lists its evidence strongest first and quotes no content', async () => {
    const log = subject('2022-03-22 10:00:00 INFO SECRET\n'.repeat(5), 'alarm-log.txt', 'engine')
    const { evidence } = await classify(log)
    const weights = evidence.map(({ weight }) => weight)
    expect(weights).to.deep.equal([...weights].sort((a, b) => b - a))
    expect(JSON.stringify(evidence)).to.not.contain('SECRET')
    expect(evidence.map(({ source }) => source)).to.include.members(['content', 'name', 'folder'])
  })

  it('refuses to look at more than the head', async () => {
    const head = new Uint8Array(HEAD_BYTES + 1)
    await expect(classify({ name: 'x', folder: '', sizeBytes: null, head })).to.be.rejectedWith(
      RangeError,
    )
  })

  it('survives any head', async () => {
    let state = 7
    for (let round = 0; round < 300; round++) {
      const head = new Uint8Array(round)
      for (let i = 0; i < round; i++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0
        head[i] = round % 2 === 0 ? state >>> 24 : 32 + ((state >>> 24) % 90)
      }
      await classify({ name: 'x', folder: '', sizeBytes: null, head })
    }
  })
})
