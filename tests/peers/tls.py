"""HTTPS for a server that speaks HTTP, under any host name: a proxy whose CONNECT ends in a TLS terminator.

Clients that insist on https and port 443 (yt-dlp does) are told to use the proxy. Nothing leaves the machine."""

import asyncio
import ssl
import subprocess
import threading
from pathlib import Path


def make_certificate(folder, host):
    key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={host}"]
    subprocess.run([*command, "-addext", f"subjectAltName=DNS:{host}"], check=True, capture_output=True)
    return certificate, key


class TlsProxy:
    def __init__(self, folder, host, server_port):
        self.host = host
        self.server_port = server_port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*make_certificate(folder, host))
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.ready.wait(10)
        self.address = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen())
        self.ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _listen(self):
        terminator = await asyncio.start_server(self._to_server, "127.0.0.1", 0, ssl=self.context)
        self.terminator_port = terminator.sockets[0].getsockname()[1]
        proxy = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = proxy.sockets[0].getsockname()[1]

    async def _connect(self, reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        if request.split()[:2] != [b"CONNECT", f"{self.host}:443".encode()]:
            writer.write(b"HTTP/1.1 403 Only the site of this test\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await self._join(reader, writer, self.terminator_port)

    async def _to_server(self, reader, writer):
        await self._join(reader, writer, self.server_port)

    async def _join(self, reader, writer, port):
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))


async def _copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()
