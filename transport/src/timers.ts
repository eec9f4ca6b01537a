/** What `setTimeout` and `setInterval` give: an object in Node, a number in browsers. */
export type Timer = ReturnType<typeof setTimeout>

/** Lets a timer keep no process alive. Browsers have no such thing, and nothing to do. */
export function unrefTimer(timer: unknown): void {
  if (isOfNode(timer)) timer.unref()
}

function isOfNode(timer: unknown): timer is Pick<NodeJS.Timeout, 'unref'> {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
