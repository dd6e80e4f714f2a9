/** `1 server`, `2 servers`: a number of things in a message. */
export const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
