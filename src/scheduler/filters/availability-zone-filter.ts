import { defineFilter } from '../define-filter.ts'

/** AvailabilityZoneFilter: the host is in the zone asked for: its aggregate's `availability_zone`, or the default zone. */
export const availabilityZoneFilter = defineFilter('AvailabilityZoneFilter', ({ availabilityZone }) => {
  if (availabilityZone === null || availabilityZone === '') return null
  return ({ zone }) =>
    zone === availabilityZone || {
      reason: `is in zone ${zone}, ${availabilityZone} was asked for`,
      change: `ask for zone ${zone}`,
    }
})
