import { localBus } from '../../src/bus/local.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { busContract } from './bus-contract.ts'

busContract('in one process', async () => {
  const bus = localBus({ clock })
  return { asking: bus, answering: bus, close: () => bus.close() }
})
