import { DATA_CLASSES, IMPORTANCES } from '@orlop/protocol/data-classes'

const MORE_THAN_ROUTINE: ReadonlyMap<number, number> = new Map([
  [DATA_CLASSES['voyage-plan'], IMPORTANCES.critical],
  [DATA_CLASSES['vdr-export'], IMPORTANCES.critical],
  [DATA_CLASSES['chart-export'], IMPORTANCES.important],
])

/**
 * The least importance data of a class has, as far as a node can tell; null when the class is undisclosed. A client's policy may
 * find any data more important, and then chooses heavy nodes itself.
 */
export function importanceOfClass(classCode: number): number | null {
  if (classCode === DATA_CLASSES.undisclosed) return null
  return MORE_THAN_ROUTINE.get(classCode) ?? IMPORTANCES.routine
}
