/**
 * What happens where a card cannot do its part of a suite, or goes away.
 *
 * - `preferred`: software goes on, byte for byte the same, and the manifest says so. Chunks too short to gain anything
 *   are sealed by software from the beginning.
 * - `required`: every chunk is sealed by the card or not at all.
 */
export type CardPolicy = 'preferred' | 'required'
