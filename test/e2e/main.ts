/**
 * How long the run on real processes is, read from the environment:
 * `ORLOP_KILL_ROUNDS` – kills in the kill -9 run (default 10; the long run takes 1000);
 * `ORLOP_KILL_SEED` – which parts are killed when (default 1).
 */
export const killRun = {
  rounds: wholeNumber('ORLOP_KILL_ROUNDS', 10),
  seed: wholeNumber('ORLOP_KILL_SEED', 1),
}

function wholeNumber(name: string, byDefault: number): number {
  const text = process.env[name]
  if (text === undefined) return byDefault
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new RangeError(`${name}: expected a whole number, got '${text}'`)
}
