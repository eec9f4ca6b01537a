import { expect } from 'chai'

type ErrorClass<E extends Error> = abstract new (...parameters: never[]) => E

/** Runs `action` and expects it to throw exactly this class; gives the error for more checks. */
export function expectError<E extends Error>(errorClass: ErrorClass<E>, action: () => unknown): E {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(thrown, `expected ${errorClass.name}`).to.be.instanceOf(errorClass)
  return thrown as E
}

/** As {@link expectError} for what is awaited. */
export async function expectRejection<E extends Error>(
  errorClass: ErrorClass<E>,
  action: () => Promise<unknown>,
): Promise<E> {
  let thrown: unknown
  try {
    await action()
  } catch (error) {
    thrown = error
  }
  expect(thrown, `expected ${errorClass.name}`).to.be.instanceOf(errorClass)
  return thrown as E
}

/** Copies of `bytes`, each with one bit of one byte flipped: one for every byte. */
export function* withEachByteFlipped(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  for (let index = 0; index < bytes.length; index++) {
    const flipped = Uint8Array.from(bytes)
    flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8))
    yield [index, flipped]
  }
}
