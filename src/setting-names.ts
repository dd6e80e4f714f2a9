/** How a setting is called in the environment: `NOVA_SET_` and its name in capitals, words apart. */

const prefix = 'NOVA_SET_'

/** The prefix, and the words of `cpuAllocationRatio` as `CPU_ALLOCATION_RATIO`. */
export const environmentName = (key: string) => prefix + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** True when anything is set there: a look at every name that a cold command can afford. */
export const isAnySet = (env: Readonly<Record<string, string | undefined>>) =>
  Object.keys(env).some((name) => name.startsWith(prefix))
