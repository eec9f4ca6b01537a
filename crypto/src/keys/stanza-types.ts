/** Stanza type of keys wrapped to an X25519 opening key; its one argument: the ephemeral key. */
export const RECIPIENT_STANZA_TYPE = 1
/** Stanza type of keys wrapped under a passphrase; arguments: scrypt salt, logN, r, p. */
export const PASSPHRASE_STANZA_TYPE = 2
/** Stanza type of keys wrapped under an application's key; arguments: centre, application, key (as UTF-8), version. */
export const APPLICATION_STANZA_TYPE = 3
/** Stanza type of what is public of a data key's shares; arguments: set id, threshold. Its wrapped bytes are the commitments. */
export const CUSTODY_SET_STANZA_TYPE = 4
/** Stanza type of one custodian's share; arguments: ephemeral key, set id, index. */
export const CUSTODY_SHARE_STANZA_TYPE = 5
/** Stanza type of keys encrypted to an SM2 public key; no arguments. */
export const SM2_STANZA_TYPE = 6
