/**
 * What the registry says of a party. When that is not "admitted" it is asked again, past every cache: nobody is refused for a state
 * that may have passed since it was last looked at.
 */
export async function admittedOrFresh<T extends { state: string }>(
  look: (isFresh: boolean) => Promise<T | null>,
): Promise<T | null> {
  const known = await look(false)
  return known?.state === 'admitted' ? known : look(true)
}
