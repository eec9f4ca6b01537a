import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import { objectIdOf } from '../retrieve/open-object.ts'
import { dropUpload } from '../upload/perform-upload.ts'

/**
 * Gives an unfinished upload up and deletes what was sealed of it. What nodes hold of it runs out by itself, since nothing was committed.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND` when there is no such upload; `USAGE` while it goes on, or when its nodes may have been told
 *   to keep it: then continue and remove it.
 */
export async function abandon(
  context: ClientContext,
  request: { readonly objectId: Uint8Array | string },
): Promise<void> {
  const objectId = objectIdOf(request.objectId)
  const objectName = formatObjectId(objectId)
  const record = await context.home.uploads.get(objectId)
  if (record === null) {
    throw new OrlopError(
      'OBJECT_NOT_FOUND',
      `There is no unfinished upload ${objectName}. Look at 'uploads' for those there are.`,
    )
  }
  if (context.activeUploads.has(objectName)) {
    throw new OrlopError(
      'USAGE',
      `The upload ${objectName} goes on just now. End it by its signal first.`,
    )
  }
  // They are kept before they are sent: a node may have them.
  if (record.commits.length > 0) {
    throw new OrlopError(
      'USAGE',
      `The nodes of ${objectName} may have been told to keep it. Continue the upload, then remove the object.`,
    )
  }
  await dropUpload(context, record)
}
