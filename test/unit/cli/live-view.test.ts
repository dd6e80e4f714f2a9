/** A view that is drawn in place, and a terminal that is as before afterwards. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type LiveTerminal, liveView } from '../../../src/cli/live-view.ts'
import { aScreen } from '../../support/a-screen.ts'

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'

/** A terminal on which the test presses keys; `onDrawn` is told of each frame. `held` names what nobody gave back. */
function aTerminal(onDrawn: (frame: string) => void) {
  const held = new Set<string>()
  const size = { rows: 24, columns: 60 }
  let out = ''
  let key: (key: string) => void = () => undefined
  let signal: (code: number) => void = () => undefined
  let resize: () => void = () => undefined
  const take = (name: string) => {
    held.add(name)
    return () => void held.delete(name)
  }
  const terminal: LiveTerminal = {
    get columns() {
      return size.columns
    },
    get rows() {
      return size.rows
    },
    takeKeys(handler) {
      key = handler
      return take('keys')
    },
    onSignal(handler) {
      signal = handler
      return take('signals')
    },
    onResize(handler) {
      resize = handler
      return take('size')
    },
  }
  const screen = aScreen({
    out(text) {
      out += text
      if (text.startsWith(home)) onDrawn(text)
    },
  })
  const press = { key: (pressed: string) => key(pressed), signal: (code: number) => signal(code), resize: () => resize() }
  return { terminal, screen, held, size, press, written: () => out }
}

/** A view that counts its looks. */
function counting(seconds: number) {
  let count = 0
  return {
    seconds,
    look: async () => {
      count += 1
      return `look ${count}`
    },
  }
}

describe('a live view', () => {
  it.each(['q', '\u0003'])('leaves with key %j, and gives everything back', async (key) => {
    const { terminal, screen, press, held, written } = aTerminal(() => press.key(key))
    expect(await liveView(counting(3600), screen, terminal)).toBe(0)
    expect([...held]).toEqual([])
    expect(written().startsWith(enter)).toBe(true)
    expect(written().endsWith(leave)).toBe(true)
  })

  it('gives everything back when the process is told to end, with the signal’s code', async () => {
    const { terminal, screen, press, held, written } = aTerminal(() => press.signal(143))
    expect(await liveView(counting(3600), screen, terminal)).toBe(143)
    expect([...held]).toEqual([])
    expect(written().endsWith(leave)).toBe(true)
  })

  it('draws over what it drew before, again and again', async () => {
    const frames: string[] = []
    const { terminal, screen, press } = aTerminal((frame) => {
      frames.push(stripVTControlCharacters(frame).split('\r\n')[0] ?? '')
      if (frames.length === 3) press.key('q')
    })
    await liveView(counting(0.001), screen, terminal)
    expect(frames).toEqual(['look 1', 'look 2', 'look 3'])
  })

  it('never has more lines than the terminal, also after it became smaller', async () => {
    const lines: number[] = []
    const { terminal, screen, press, size } = aTerminal((frame) => {
      lines.push(stripVTControlCharacters(frame).split('\r\n').length)
      if (lines.length === 2) press.key('q')
      if (lines.length > 1) return
      size.rows = 4
      press.resize()
    })
    const text = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')
    await liveView({ seconds: 3600, look: async () => text }, screen, terminal)
    expect(lines).toEqual([24, 4])
  })

  it('shows a look that failed, and looks again', async () => {
    let count = 0
    const { terminal, screen, press, written } = aTerminal((frame) => (frame.includes('it is back') ? press.key('q') : undefined))
    const look = async () => {
      count += 1
      if (count === 1) throw new Error('the daemon \u001b[2Jis away')
      return 'it is back'
    }
    await liveView({ seconds: 0.001, look }, screen, terminal)
    expect(written()).toContain('error: the daemon')
    expect(written()).not.toContain('\u001b[2J')
  })
})
