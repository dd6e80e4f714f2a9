/** The composition root of the OpenRPC document: it needs the declarations only, and no daemon. */

import { openRpc } from '../api/discover.ts'
import type { ActionTable } from '../api/dispatcher.ts'
import { methodSummaries } from '../api/methods.ts'

/** Describes every method that a daemon of this version has. */
export const discover = (actions: ActionTable, version: string) => openRpc(actions, methodSummaries, version)
