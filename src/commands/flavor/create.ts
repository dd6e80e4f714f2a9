import { create } from '../../actions/flavor/create.ts'
import { commandFor } from '../../cli/command-for.ts'
import { flavorColumns } from '../../cli/noun-views.ts'

export default commandFor(create, {
  args: ['name'],
  aliases: ['flavor-create'],
  flags: { isPublic: { name: 'public', aliases: ['is-public'] }, extraSpecs: { name: 'property', aliases: ['extra-spec'] } },
  ...flavorColumns,
  examples: [
    'nova flavor create m1.nano --ram 128 --vcpus 1',
    'nova flavor create big --id 42 --ram 32768 --vcpus 16 --disk 100 --property hw:cpu_policy=dedicated',
  ],
})
