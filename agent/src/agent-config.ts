import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { isOrlopError, parseCardAddress, parseOpeningKey } from '@orlop/client-sdk/index'
import { deploymentSchema } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'

const clientId = z.int().positive()
const openingKey = z.string().transform((text, context) => {
  try {
    return parseOpeningKey(text)
  } catch (error) {
    if (!isOrlopError(error)) throw error
    context.addIssue(error.message)
    return z.NEVER
  }
})

const cardAddress = z.string().transform((text, context) => {
  try {
    return parseCardAddress(text)
  } catch (error) {
    if (!isOrlopError(error)) throw error
    context.addIssue(error.message)
    return z.NEVER
  }
})

/** Names of applications and keys, as a key management centre gives them. */
const centreName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)

const agentConfigSchema = z.strictObject({
  /** The agent's own folder: keyring, catalogue, spool, status. Relative paths start at the configuration file. */
  home: z.string().min(1),
  /** Folders to watch, with everything below them. */
  watch: z.array(z.string().min(1)).min(1).max(64),
  ship: z.strictObject({
    name: z.string().min(1).max(64),
    /** 0 when the vessel has none. */
    imoNumber: z.int().min(0).max(9_999_999).default(0),
  }),
  ledger: z.strictObject({
    /** Read directly; through connected nodes when left out, which spares a thin link a second connection. */
    rpcUrl: z.url().optional(),
    deployment: deploymentSchema,
    /** How old a block must be until the ledger cannot lose it. */
    finalAfterMs: z.int().nonnegative().default(0),
  }),
  /** Nodes to begin with, where the ledger is read through nodes. */
  bootstrap: z
    .array(z.strictObject({ peerId: z.string(), addresses: z.array(z.string()).min(1) }))
    .default([]),
  /** File that holds the keyring's passphrase. */
  passphraseFile: z.string().min(1),
  /** Policy file; the default policy for ship data when missing. */
  policyFile: z.string().min(1).optional(),
  /** Clients that may open everything this ship stores: by their number, or pinned to their opening key. */
  shareWith: z
    .array(z.union([clientId, z.strictObject({ clientId, openingKey })]))
    .max(16)
    .default([]),
  /** Custodians that a policy names, pinned to their opening keys. */
  pinnedClients: z.array(z.strictObject({ clientId, openingKey })).max(64).default([]),
  /** An application that may open everything this ship stores, by a key of its key management centre. */
  application: z
    .strictObject({
      appId: centreName,
      keyId: centreName.default('default'),
      /** Nobody but the application opens it, the ship neither. */
      exclusive: z.boolean().default(false),
      centre: z
        .strictObject({
          url: z.url({ protocol: /^https$/ }),
          /** Key and certificates of the application. */
          identityFile: z.string().min(1),
          /** By this name the application's policy knows the ship. */
          requesterId: centreName,
          /** The card whose SM2 key the policy names, where keys are wrapped to that and not to the ship's opening key. */
          card: cardAddress.optional(),
          /** The key's index on a card of GM/T 0018. */
          cardKey: z.coerce
            .string()
            .regex(/^[1-9]\d{0,3}$/)
            .optional(),
        })
        .refine(
          ({ card, cardKey }) => (card === undefined) === (cardKey === undefined),
          'expected card and cardKey, or neither',
        ),
    })
    .optional(),
  /** A file is taken when its size has not changed for this long. */
  settledMs: z.int().min(100).max(3_600_000).default(2_000),
  /**
   * Cards that seal, the next when one fails: `sdf:LIBRARY?…`, `pkcs11:LIBRARY?token=…` or `auto`. A relative `pin-file` starts at the
   * configuration file.
   */
  cards: z.array(cardAddress).max(16).default([]),
  /** Whether software may seal where no card can. */
  cardPolicy: z.enum(['preferred', 'required']).default('preferred'),
  /** Ask other nodes only through the connected one. */
  isMetered: z.boolean().default(false),
})
export type AgentConfig = z.infer<typeof agentConfigSchema> & {
  /** Where the configuration file is: relative paths of cards begin there. */
  folder: string
}

/**
 * Reads the agent's configuration (YAML or JSON) and makes its paths absolute.
 *
 * @throws OrlopError `CONFIG_INVALID` naming the file and every field that is wrong.
 */
export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OrlopError(
      'CONFIG_INVALID',
      `The configuration ${file} cannot be read. Check the path.`,
      { cause },
    )
  })
  const parsed = agentConfigSchema.safeParse(parseYaml(file, text))
  if (!parsed.success) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${file} is not a valid agent configuration:\n${z.prettifyError(parsed.error)}`,
    )
  }
  const absolute = (path: string) => resolve(dirname(file), path)
  const { policyFile, ...config } = parsed.data
  return {
    ...config,
    folder: resolve(dirname(file)),
    home: absolute(config.home),
    watch: config.watch.map(absolute),
    passphraseFile: absolute(config.passphraseFile),
    ...(policyFile === undefined ? {} : { policyFile: absolute(policyFile) }),
  }
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    const where = cause instanceof Error ? cause.message : ''
    throw new OrlopError('CONFIG_INVALID', `${file} is not valid YAML: ${where}`, { cause })
  }
}
