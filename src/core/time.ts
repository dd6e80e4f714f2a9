/** ISO 8601 of wall milliseconds. */
export const iso = (wallMs: number) => new Date(wallMs).toISOString()

/** Milliseconds of an ISO 8601 time; NaN when it is none. */
export const fromIso = (text: string) => Date.parse(text)
