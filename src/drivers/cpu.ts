/** Processors as guests can have them, to be compared between hosts. */

/** A CPU model that the hypervisor knows, with what is more or less than the model. */
export interface CpuModel {
  readonly model: string
  readonly vendor: string | null
  /** Features beyond the model. */
  readonly added: readonly string[]
  /** Features of the model that are missing. */
  readonly removed: readonly string[]
}

export interface HostCpu extends CpuModel {
  /** The hypervisor's own description, which `cpuBaseline` compares. */
  readonly xml: string
}

export interface CpuBaseline extends CpuModel {
  /** Every feature by its name, those of the model included. */
  readonly features: readonly string[]
}
