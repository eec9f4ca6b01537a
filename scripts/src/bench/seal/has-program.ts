import { measureProcess } from '../measure-process.ts'

/** Whether a program is installed: it is, when it can say its version. */
export async function hasProgram(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await measureProcess({ file, args }, signal)
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}
