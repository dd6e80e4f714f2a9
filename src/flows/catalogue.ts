import { adoptDomain } from './adopt-domain.ts'
import { attachDisk, detachDisk } from './attach-disk.ts'
import { attachInterface, detachInterface } from './attach-interface.ts'
import { bootServer } from './boot-server.ts'
import { confirmResize } from './confirm-resize.ts'
import { backupServer, createImage } from './create-image.ts'
import { deleteServer } from './delete-server.ts'
import { evacuateServer } from './evacuate-server.ts'
import type { AnyFlow } from './flow.ts'
import { liveMigrateServer } from './live-migrate-server.ts'
import { operations } from './operate-server.ts'
import { rebuildServer } from './rebuild-server.ts'
import { releaseDomain } from './release-domain.ts'
import { migrateServer, resizeServer } from './resize-server.ts'
import { revertResize } from './revert-resize.ts'
import { offloadServer, shelveServer } from './shelve-server.ts'
import { unshelveHere, unshelveServer } from './unshelve-server.ts'

/** Every flow by its name: what adoption looks a record's flow up in. */
export const flowCatalogue: ReadonlyMap<string, AnyFlow> = new Map<string, AnyFlow>(
  [
    bootServer,
    deleteServer,
    rebuildServer,
    resizeServer,
    migrateServer,
    liveMigrateServer,
    confirmResize,
    revertResize,
    evacuateServer,
    adoptDomain,
    releaseDomain,
    createImage,
    backupServer,
    shelveServer,
    offloadServer,
    unshelveServer,
    unshelveHere,
    attachInterface,
    detachInterface,
    attachDisk,
    detachDisk,
    ...operations.values(),
  ].map((flow) => [flow.name, flow]),
)
