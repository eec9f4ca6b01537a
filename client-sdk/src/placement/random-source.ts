/** A number in [0, 1), uniform. Injected wherever chance decides, so that tests can seed it. */
export type RandomSource = () => number

const TWO_TO_53 = 2 ** 53

/** The platform's cryptographic random source. */
export const systemRandom: RandomSource = () => {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / TWO_TO_53
}
