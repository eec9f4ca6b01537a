/** What every command is given: where the user's things are, and how to speak to the user. */
export interface CliContext {
  /** The home folder, absolute. */
  home: string
  /** One JSON document on stdout instead of text. */
  json: boolean
  /** Stack traces for failures. */
  debug: boolean
  /** Passphrase of the keyring: a file to read it from, or the text itself (from the environment); asked for otherwise. */
  passphraseFile: string | null
  passphrase: string | null
  /** Environment variables, for what options name there. */
  env: Readonly<Record<string, string | undefined>>
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  stdin: NodeJS.ReadStream
  /** Aborted when the user presses Ctrl-C. */
  signal: AbortSignal
}
