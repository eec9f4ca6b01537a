/** How this software names itself to others. */
export const SOFTWARE = 'orlop-sdk/0.1.0'
