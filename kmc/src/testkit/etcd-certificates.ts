import { join } from 'node:path'
import type { EtcdTls } from '../store/etcd/etcd-members.ts'
import type { MemberTls } from './etcd-cluster.ts'
import type { OpenSsl } from './openssl.ts'

/** An authority with a certificate for members of etcd on loopback and one for their clients. */
export interface EtcdCertificates {
  readonly member: MemberTls
  readonly client: EtcdTls
}

/** Makes certificates in a folder of `openssl`; files are named after the authority. */
export async function makeEtcdCertificates(
  openssl: OpenSsl,
  authority: string,
): Promise<EtcdCertificates> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', `${authority}.key`, '-out', `${authority}.crt`]
  await openssl.run('req', '-x509', ...key, '-subj', `/CN=${authority}`, ...files)
  await openssl.write('names', 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  for (const name of [`${authority}-member`, `${authority}-client`]) {
    await openssl.request(name, `/CN=${name}`)
    const signing = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial']
    const made = ['-in', `${name}.req`, '-out', `${name}.crt`, '-extfile', 'names']
    await openssl.run('x509', '-req', ...signing, ...made)
  }
  const path = (name: string) => join(openssl.folder, name)
  const text = async (name: string) => (await openssl.read(name)).toString()
  return {
    member: {
      authorityFile: path(`${authority}.crt`),
      certificateFile: path(`${authority}-member.crt`),
      privateKeyFile: path(`${authority}-member.key`),
    },
    client: {
      authority: await text(`${authority}.crt`),
      identity: {
        certificate: await text(`${authority}-client.crt`),
        privateKey: await text(`${authority}-client.key`),
      },
    },
  }
}
