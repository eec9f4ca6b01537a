/** Words that planners write in the head of a voyage or passage plan, in English and Chinese. */
export const VOYAGE_TERMS: readonly RegExp[] = [
  /\bvoyage\s*(?:no\b|number|plan)/i,
  /\bpassage\s*plan/i,
  /\broute\s*plan/i,
  /\bway\s?points?\b|\bwpt\b/i,
  /\b(?:port|place) of (?:departure|arrival|call)|\b(?:departure|arrival|destination) port/i,
  /\bETA\b/,
  /\bETD\b/,
  /\bdistance to go|\bDTG\b/i,
  /\bunder[- ]?keel|\bUKC\b/i,
  /航次/,
  /航行计划|航线计划|船舶计划/,
  /出发港|始发港|起运港|离港|开航/,
  /目的港|到达港|抵港|到港/,
  /预计(?:到|抵|离|开)/,
  /转向点|航路点|计划航线/,
  /航向/,
]

/** Words of engine and machinery logs, in English and Chinese. */
export const ENGINE_TERMS: readonly RegExp[] = [
  /\brpm\b|engine[_ ]?speed/i,
  /\b(?:lube|lubricating|l\.?o\.?)[_ ]?(?:oil)?[_ ]?(?:press|temp)/i,
  /exh(?:aust)?[._ ]?(?:gas)?[._ ]?temp/i,
  /\bfuel[_ ]?(?:rate|rack|flow|cons|index|oil|press)/i,
  /\bcyl(?:inder)?[._ ]?(?:no\.?)?\s?\d/i,
  /\bturbo(?:charger)?|\bscav(?:enge)?\b|\bcharge[_ ]air/i,
  /jacket|cooling[_ ]?water|\b[hl]t[_ ]?(?:fw|water)/i,
  /\bmain[_ ]?engine|\bM\/E\b|\baux(?:iliary)?[_ ]?engine|\bgenset\b/i,
  /\bshaft[_ ]?(?:power|torque|speed)|\bboiler\b|\bpurifier\b/i,
  /主机|辅机|轮机|机舱/,
  /转速/,
  /滑油/,
  /排气?温/,
  /燃油/,
  /冷却水|缸套/,
]

/** How many of `terms` occur in `text`. */
export function countTerms(terms: readonly RegExp[], text: string): number {
  return terms.filter((term) => term.test(text)).length
}
