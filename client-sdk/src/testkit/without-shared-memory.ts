/** Takes shared memory away from the tests of one suite, as in a web page that is not isolated from other sites (HTML, 7.1.4). */
export function withoutSharedMemory(): void {
  const own = globalThis.SharedArrayBuffer
  before(() => {
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer')
  })
  after(() => {
    globalThis.SharedArrayBuffer = own
  })
}
