import { decodeHex, encodeHex, encodeUtf8 } from '../../bytes.ts'
import {
  cipherAnswer,
  envelopeAnswer,
  hashAnswer,
  type KnownAnswer,
  keyWrapAnswer,
  macAnswer,
  signatureAnswer,
} from './known-answer.ts'

const SM4_KEY = '0123456789abcdeffedcba9876543210'
const SM4_BLOCK = '681edf34d206965e86b3e94f536e4246'
const COUNTING = '000102030405060708090a0b0c0d0e0f'
const COUNTING_KEY = `${COUNTING}101112131415161718191a1b1c1d1e1f`
/** The plaintexts of RFC 8998 and draft-ribose-cfrg-sm4: runs of one digit. */
const runs = (digits: string, length: number) =>
  digits.replaceAll(/./g, (digit) => digit.repeat(length))

/** NIST SP 800-38A appendix F: the key for AES-256, and the four blocks. */
const NIST_KEY = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'
const NIST_BLOCKS =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
  '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'

const ABC = encodeHex(encodeUtf8('abc'))

/** The key pair of the examples of GB/T 32918.5-2017, annexes A and C. */
const SM2_PRIVATE_KEY = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'
const SM2_POINT =
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
  'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13'

const CIPHERS: readonly KnownAnswer[] = [
  cipherAnswer({
    algorithm: 'sm4-ecb',
    vector: 'GB/T 32907-2016 A.1',
    key: SM4_KEY,
    iv: '',
    plaintext: SM4_KEY,
    ciphertext: SM4_BLOCK,
  }),
  cipherAnswer({
    algorithm: 'sm4-cbc',
    vector: 'draft-ribose-cfrg-sm4-10 A.2.2.1',
    key: SM4_KEY,
    iv: COUNTING,
    plaintext: runs('abcdefab', 8),
    ciphertext: '78ebb11cc40b0a48312aaeb2040244cb4cb7016951909226979b0d15dc6a8f6d',
  }),
  cipherAnswer({
    algorithm: 'sm4-ctr',
    vector: 'draft-ribose-cfrg-sm4-10 A.2.5.1',
    key: SM4_KEY,
    iv: COUNTING,
    plaintext: runs('abcdefab', 16),
    ciphertext:
      'ac3236cb970cc20791364c395a1342d1a3cbc1878c6f30cd074cce385cdd70c7' +
      'f234bc0e24c11980fd1286310ce37b926e02fcd0faa0baf38b2933851d824514',
  }),
  cipherAnswer({
    algorithm: 'sm4-gcm',
    vector: 'RFC 8998 A.1',
    key: SM4_KEY,
    iv: '00001234567800000000abcd',
    additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: runs('abcdefea', 16),
    ciphertext:
      '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
      'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d' +
      '83de3541e4c2b58177e065a9bf7b62ec',
  }),
  cipherAnswer({
    algorithm: 'aes-256-ecb',
    vector: 'FIPS 197 C.3',
    key: COUNTING_KEY,
    iv: '',
    plaintext: '00112233445566778899aabbccddeeff',
    ciphertext: '8ea2b7ca516745bfeafc49904b496089',
  }),
  cipherAnswer({
    algorithm: 'aes-256-cbc',
    vector: 'NIST SP 800-38A F.2.5',
    key: NIST_KEY,
    iv: COUNTING,
    plaintext: NIST_BLOCKS,
    ciphertext:
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d' +
      '39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
  }),
  cipherAnswer({
    algorithm: 'aes-256-ctr',
    vector: 'NIST SP 800-38A F.5.5',
    key: NIST_KEY,
    iv: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    plaintext: NIST_BLOCKS,
    ciphertext:
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5' +
      '2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
  }),
  cipherAnswer({
    algorithm: 'aes-256-gcm',
    vector: 'McGrew and Viega, test case 16 (NIST SP 800-38D)',
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    iv: 'cafebabefacedbaddecaf888',
    additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    ciphertext:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
      '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
      '76fc6ece0f4e1768cddf8853bb2d551b',
  }),
]

const MACS: readonly KnownAnswer[] = [
  macAnswer({
    algorithm: 'sm4-cbc-mac',
    vector: 'GB/T 32907-2016 A.1: over one block the MAC of GB/T 15852.1 is its ciphertext',
    key: SM4_KEY,
    data: SM4_KEY,
    mac: SM4_BLOCK,
  }),
  macAnswer({
    algorithm: 'hmac-sm3',
    vector: 'GM/T 0042-2015 D.3, first',
    key: '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    data: encodeHex(
      encodeUtf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'.repeat(2)),
    ),
    mac: 'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a',
  }),
  macAnswer({
    algorithm: 'hmac-sha256',
    vector: 'NIST, example values of HMAC with SHA-256, key shorter than the block',
    key: COUNTING_KEY,
    data: encodeHex(encodeUtf8('Sample message for keylen<blocklen')),
    mac: 'a28cf43130ee696a98f14a37678b56bcfcbdd9e5cf69717fecf5480f0ebdf790',
  }),
]

const HASHES: readonly KnownAnswer[] = [
  hashAnswer({
    algorithm: 'sm3',
    vector: 'GB/T 32905-2016 A.1',
    message: ABC,
    digest: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  }),
  hashAnswer({
    algorithm: 'sm3',
    vector: 'GB/T 32905-2016 A.2',
    message: '61626364'.repeat(16),
    digest: 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
  }),
  hashAnswer({
    algorithm: 'sha256',
    vector: 'FIPS 180-4, example of SHA-256',
    message: ABC,
    digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  }),
  hashAnswer({
    algorithm: 'sha384',
    vector: 'FIPS 180-4, example of SHA-384',
    message: ABC,
    digest:
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163' +
      '1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  }),
  hashAnswer({
    algorithm: 'sha512',
    vector: 'FIPS 180-4, example of SHA-512',
    message: ABC,
    digest:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
      '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  }),
]

const PUBLIC_KEYS: readonly KnownAnswer[] = [
  signatureAnswer({
    algorithm: 'sm2-sm3',
    vector: 'GB/T 32918.5-2017 annex A',
    publicKey: { type: 'sm2', point: decodeHex(SM2_POINT) },
    message: encodeUtf8('message digest'),
    signature:
      'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
      'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  }),
  signatureAnswer({
    algorithm: 'ecdsa-p256-sha256',
    vector: 'RFC 6979 A.2.5, SHA-256, "sample"',
    publicKey: {
      type: 'p256',
      point: decodeHex(
        '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
          '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
      ),
    },
    message: encodeUtf8('sample'),
    signature:
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  }),
  signatureAnswer({
    algorithm: 'rsa-pkcs1-sha256',
    vector: 'RFC 7515 A.2',
    publicKey: {
      type: 'rsa',
      modulus: decodeHex(
        'a1f8160ae2e3c9b465ce8d2d656263362b927dbe29e1f02477fc1625cc90a136' +
          'e38bd93497c5b6ea63dd7711e67c7429f956b0fb8a8f089adc4b69893cc1333f' +
          '53edd019b87784252fec914fe4857769594bea4280d32c0f55bf62944f130396' +
          'bc6e9bdf6ebdd2bda3678eeca0c668f701b38dbffb38c8342ce2fe6d27fade4a' +
          '5a4874979dd4b9cf9adec4c75b05852c2c0f5ef8a5c1750392f944e8ed64c110' +
          'c6b647609aa4783aeb9c6c9ad755313050638b83665c6f6f7a82a396702a1f64' +
          '1b82d3ebf2392219491fb686872c5716f50af8358d9a8b9d17c340728f7f87d8' +
          '9a18d8fcab67ad84590c2ecf759339363c07034d6f606f9e21e05456cae5e9a1',
      ),
      exponent: Uint8Array.of(1, 0, 1),
    },
    message: encodeUtf8(
      'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog' +
        'Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
    ),
    signature:
      '702e218943e88fd11eb5d82dbf7845f34106ae1b81fff7731116add1717d8365' +
      '6d420afd3c96eedd73a2663e5166687b000b87226e0187ed1073f945e582adfc' +
      'ef16d85a798ee8c66ddb3db8975b17d09402beedd5d9d97007108db28160d5f8' +
      '040ca7445762b81fbe7ff9d92e0ae76f24f25b33bbe6f44ae61eb1040acb2004' +
      '4d3ef9128ed40130795bd4bd3b41eecad066ab651981fde48df77f372dc38b9f' +
      'afdd3befb18b5da3cc3c2eb02f9e3a41d612caad15911273a05f23b9e838faaf' +
      '849d698429ef5a1e88798236c3d40e604522a544c8f27a7a2db80663d16cf7ca' +
      'ea56de405cb2215a45b2c25566b55ac1a748a070dfc8a32a469543d019eefb47',
  }),
  envelopeAnswer({
    algorithm: 'sm2-encrypt',
    vector: 'GB/T 32918.5-2017 annex C: to its key',
    privateKey: SM2_PRIVATE_KEY,
    point: SM2_POINT,
  }),
]

const WRAPS: readonly KnownAnswer[] = [
  keyWrapAnswer({
    algorithm: 'aes-256-kw',
    vector: 'RFC 3394 4.6',
    wrappingKey: COUNTING_KEY,
    wrapped:
      '28c9f404c4b810f4cbccb35cfb87f826' + '3f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  }),
]

/**
 * What every card is asked when it is opened. An algorithm may have several; one without any (`sdf-kek`, whose
 * form is each device's own, and `sm2-envelope`, which is `sm2-encrypt`) is tested by its use alone.
 */
export const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  ...CIPHERS,
  ...MACS,
  ...HASHES,
  ...PUBLIC_KEYS,
  ...WRAPS,
]
