import { assembleJointKey } from '../actions/assemble-joint-key.ts'
import { contributeToJointKey } from '../actions/contribute-to-joint-key.ts'
import { givePart } from '../actions/give-part.ts'
import { giveShare } from '../actions/give-share.ts'
import type { BindCustodyVerbs } from '../client.ts'

/** What custodians and parties of joint keys do, for programs in Node. */
export const bindCustodyVerbs: BindCustodyVerbs = (context, run) => ({
  giveShare: (request, options) => run((own) => giveShare(context, request, own), options),
  contributeToJointKey: (request, options) =>
    run((own) => contributeToJointKey(context, request, own), options),
  assembleJointKey: (request, options) =>
    run((own) => assembleJointKey(context, request, own), options),
  givePart: (request, options) => run((own) => givePart(context, request, own), options),
})
