/** The ssh library, loaded when it is first needed: it is a tenth of a second of a cold start. */
export async function ssh2() {
  // Node finds only some of the names that a CommonJS module exports; the whole is its default.
  const { default: library } = await import('ssh2')
  return library
}
