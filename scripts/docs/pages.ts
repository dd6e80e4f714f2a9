/** Every generated page. */
import { commandPages, indexPage } from './command-pages.ts'
import { exitCodesPage, findingsPage } from './fault-pages.ts'
import { loadCommands } from './load-commands.ts'
import { manPages } from './man-pages.ts'
import { notificationsPage, periodicPage } from './notifications-page.ts'
import type { Page } from './page.ts'
import { recordsPage } from './records.ts'
import { rpcPage } from './rpc-page.ts'
import { filtersPage, weighersPage } from './scheduler-pages.ts'
import { settingsPage } from './settings-page.ts'
import { statesPage } from './states-page.ts'

/** All pages of docs/reference, made from the declarations. */
export async function pages(): Promise<Page[]> {
  const commands = await loadCommands()
  return [
    indexPage(commands),
    ...commandPages(commands),
    ...manPages(commands),
    exitCodesPage(),
    findingsPage(),
    settingsPage(),
    filtersPage(),
    weighersPage(),
    statesPage(),
    notificationsPage(),
    periodicPage(),
    await recordsPage(commands),
    await rpcPage(),
  ]
}
