// A program made for PeerTube listens: prints each event of a namespace as a line of JSON.
// usage: listen.mjs <address> <namespace> <transport> [access token] [video id]
import { io } from 'socket.io-client'

const [address, namespace, transport, accessToken, videoId] = process.argv.slice(2)
const socket = io(address + namespace, {
  query: accessToken ? { accessToken } : {},
  transports: transport === 'upgrade' ? ['polling', 'websocket'] : [transport],
  reconnection: false
})
const print = thing => console.log(JSON.stringify(thing))
socket.on('connect', () => {
  if (videoId) socket.emit('subscribe', { videoId: Number(videoId) })
  const name = () => print({ event: 'connected', transport: socket.io.engine.transport.name })
  if (transport === 'upgrade' && socket.io.engine.transport.name === 'polling') socket.io.engine.once('upgrade', name)
  else name()
})
socket.on('connect_error', error => {
  print({ event: 'refused', why: error.message })
  process.exit(1)
})
socket.on('disconnect', reason => print({ event: 'disconnected', reason }))
socket.onAny((event, data) => print({ event, data }))
