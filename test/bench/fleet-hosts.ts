export async function benchFleetHosts() { return [] }
