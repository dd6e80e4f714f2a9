import { expect, it } from 'vitest'
import { askedNic } from '../../../../src/actions/server/asked-nic.ts'

it.each([
  ['none', null],
  ['user', { kind: 'user' }],
  ['bridge=br-ex', { kind: 'bridge', source: 'br-ex' }],
  ['libvirt-network=default', { kind: 'network', source: 'default' }],
])('takes %s', (text, expected) => expect(askedNic(text)).toEqual(expected))

it.each(['', 'tap', 'bridge', 'bridge=', 'bridge=-x', 'bridge=a b', 'network=x', '__proto__=x', 'bridge=a/../b', "bridge='"])(
  'refuses %j and says what is known',
  (text) => expect(() => askedNic(text)).toThrow(/known are user, none, bridge=NAME and libvirt-network=NAME/),
)

it('refuses a bridge with a name that no kernel takes', () => {
  expect(() => askedNic('bridge=abcdefghijklmnop')).toThrow('a name of 16 characters, the most is 15')
})
