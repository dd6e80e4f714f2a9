import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type FetchOptions, openUrl } from '../../../src/image/fetch.ts'
import { publicAddresses } from '../../../src/image/public-address.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const local: FetchOptions = { allowHttp: true, isAllowed: (address) => address === '127.0.0.1' }
const read = async (url: string, options: FetchOptions) => {
  const { stream, size } = await openUrl(url, options)
  return { size, text: Buffer.concat(await stream.toArray()).toString() }
}

describe('openUrl', () => {
  it('reads what the server has and says its size', async () => {
    const port = await serve((_, response) => response.setHeader('content-length', 5).end('image'))
    expect(await read(`http://127.0.0.1:${port}/a`, local)).toEqual({ size: 5, text: 'image' })
  })

  it.each(['file:///etc/passwd', 'ftp://a/b', 'data:text/plain,x', 'nonsense', 'http://user:pw@127.0.0.1/', ''])(
    'refuses %j',
    async (url) => {
      await expect(openUrl(url, local)).rejects.toMatchObject({ kind: 'invalid' })
    },
  )

  it('refuses http unless it is asked for', async () => {
    const fault = openUrl('http://127.0.0.1/image?token=secret', { ...local, allowHttp: false })
    await expect(fault).rejects.toMatchObject({ kind: 'invalid', message: 'http://127.0.0.1/image is not encrypted' })
  })

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '[fe80::1]',
    'localhost',
    '0',
  ])('does not reach this machine by %s', async (host) => {
    let asked = 0
    const port = await serve((_, response) => {
      asked += 1
      response.end()
    })
    const fault = openUrl(`http://${host}:${port}/`, { allowHttp: true, isAllowed: await publicAddresses() })
    await expect(fault).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('not a public address') })
    expect(asked).toBe(0)
  })

  it('S10 connects to the address that it checked, although the name says another by now', async () => {
    const port = await serve((request, response) => response.end(request.headers.host))
    let lookups = 0
    const resolve = async () => {
      lookups += 1
      return [{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    }
    expect(await read(`http://rebind.test:${port}/`, { ...local, resolve })).toMatchObject({ text: `rebind.test:${port}` })
    expect(lookups).toBe(1)
  })

  it('S10 refuses a name with one inner address among its addresses', async () => {
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    await expect(openUrl('http://two.test/', { ...local, resolve })).rejects.toMatchObject({
      message: expect.stringContaining('10.0.0.1'),
    })
  })

  it.each(['http://169.254.169.254/latest', 'http://127.0.0.2/', 'file:///etc/passwd', '//10.0.0.1/'])(
    'does not follow a redirect to %s',
    async (to) => {
      const port = await serve((_, response) => response.writeHead(302, { location: to }).end())
      await expect(openUrl(`http://127.0.0.1:${port}/`, local)).rejects.toMatchObject({ kind: 'invalid' })
    },
  )

  it('S10 follows three redirects and no more', async () => {
    const port = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(307, { location: `/${left - 1}` }).end()
    })
    expect(await read(`http://127.0.0.1:${port}/3`, local)).toMatchObject({ text: 'there' })
    await expect(openUrl(`http://127.0.0.1:${port}/4`, local)).rejects.toMatchObject({ kind: 'unreachable' })
  })

  it.each([
    [404, 'not-found'],
    [500, 'unreachable'],
    [403, 'unreachable'],
  ])('tells an answer %s as %s', async (status, kind) => {
    const port = await serve((_, response) => response.writeHead(status).end())
    await expect(openUrl(`http://127.0.0.1:${port}/`, local)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(String(status)),
    })
  })

  it('says unreachable when nobody answers', async () => {
    await expect(openUrl('http://127.0.0.1:1/', local)).rejects.toMatchObject({ kind: 'unreachable' })
    await expect(openUrl('http://none.invalid/', local)).rejects.toMatchObject({ kind: 'unreachable' })
  })
})

describe('publicAddresses', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.216.34',
    '2606:4700::1111',
    '2a00:1450:4001:800::200e',
    '172.15.0.1',
    '172.32.0.1',
    '223.255.255.255',
  ])('takes %s', async (address) => expect((await publicAddresses())(address)).toBe(true))
  const inner = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
  ]
  const inner6 = [
    '::',
    '::1',
    '::7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:0:1::',
    'fd00::1',
    'fe80::1',
  ]
  it.each([...inner, ...inner6, 'fec0::1', 'ff02::1', 'fe80::1%eth0', 'fd00:ec2::254', '168.63.129.16', 'example.com', ''])(
    'refuses %j',
    async (address) => expect((await publicAddresses())(address)).toBe(false),
  )
})
