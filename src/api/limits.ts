/** What one client may ask of the daemon before it is refused; the numbers of docs/how-to/run-the-daemon.md. */
export const limits = {
  /** Bytes of one frame, or of the body of one HTTPS request. */
  frameBytes: 1024 ** 2,
  /** Levels of arrays and objects in a message. */
  depth: 32,
  /** Calls in one batch. */
  batch: 100,
  /** Calls of one connection that are not answered yet. */
  callsPerConnection: 128,
  /** Calls of the daemon's own methods that run at once for one connection; the others wait. */
  ownCallsPerConnection: 2,
  /** Bytes that wait for a slow reader before its connection is closed. */
  outgoingBytes: 32 * 1024 ** 2,
  /** Above this no further frames of a connection are read or begun until its reader has caught up. */
  pauseBytes: 1024 ** 2,
  /** Milliseconds that a reader may take nothing while bytes wait for it, or leave a frame unfinished. */
  stallMs: 30_000,
  /** Bytes of one part of an upload, before base64. */
  uploadPartBytes: 512 * 1024,
  /** Bytes of one part of a download, and of what a console holds for its reader, before base64. */
  downloadPartBytes: 1024 ** 2,
  consolePartBytes: 64 * 1024,
  /** Consoles, and downloads, that are open: all, and those of one caller. */
  streams: 64,
  streamsPerCaller: 8,
  /** Milliseconds that a call waits for a guest to write something. */
  consoleWaitMs: 10_000,
  /** Milliseconds without a call after which a console or a download is closed. */
  consoleIdleMs: 30_000,
  downloadIdleMs: 60_000,
  /** Uploads that wait to be used. */
  uploads: 64,
} as const
