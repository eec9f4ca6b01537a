// Where everything lies in the module's memory. For each chunk the host writes the seed, then passes
// the data through the window piece by piece. Numbers and reasons: docs/chaotic-cipher.md.

/** Keystream bytes made from one seeding of the maps: the paper's block length N. */
export const blockBytes: usize = 4096

/** The chunk's seed: eight little-endian u64. Written by the host. */
export const seedBytes: usize = 64
export const seedAddress: usize = memory.data(64, 16)

/** Both flows' points, three pairs of f64 (x, y, z): Lorenz in lane 0, Chen in lane 1. */
export const flowsBytes: usize = 48
export const flowsAddress: usize = memory.data(48, 16)

/**
 * The seeds of two neighbouring blocks, the earlier in lane 0: four pairs of f64 (Hénon x and y,
 * 2D-Logistic x and y), then two pairs of u32 (disturbance, its step).
 */
export const blockSeedsBytes: usize = 80
export const blockSeedsAddress: usize = memory.data(80, 16)

/** The data being worked on: whole pairs of blocks. Small, so that it stays in the near cache. */
export const windowBytes: usize = 65536
export const windowAddress: usize = memory.data(65536, 16)
