"""10,000 connections that say nothing and 200 uploads over slow lines, and how pages fare beside them."""

import asyncio
import resource
import threading
import time

from load import load, memory_mib
from vidicon import make_clip

IDLE = 10_000
UPLOADS = 200
SLOW_BYTES = 8 << 10
ASK = b"GET /api/v1/ping HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


class Crowd(threading.Thread):
    """The clients, in a thread of their own beside the load."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.loop = asyncio.new_event_loop()
        self.connections = []
        self.sent = {}

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def do(self, work, timeout=300):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    async def connect(self, count):
        """Each asks once, so that it is a connection as a browser keeps it."""
        gate = asyncio.Semaphore(100)

        async def one():
            async with gate:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(ASK)
                await reader.readuntil(b"\r\n\r\n")
                self.connections.append((reader, writer))

        await asyncio.gather(*(one() for _ in range(count)))

    def open(self):
        return sum(not reader.at_eof() for reader, _ in self.connections)

    async def upload(self, locations, token, clip):
        for number, location in enumerate(locations):
            asyncio.ensure_future(self.crawl(number, location, token, clip))

    async def crawl(self, number, location, token, clip):
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write((
            f"PUT {location} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/octet-stream\r\ncontent-length: {len(clip)}\r\n"
            f"content-range: bytes 0-{len(clip) - 1}/{len(clip)}\r\n\r\n"
        ).encode())
        for start in range(0, len(clip), SLOW_BYTES):
            writer.write(clip[start : start + SLOW_BYTES])
            await writer.drain()
            self.sent[number] = start + SLOW_BYTES
            await asyncio.sleep(1)

    async def leave(self):
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        for _, writer in self.connections:
            writer.close()


def crowd(table, options, seed, server):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    table.title(f"A crowd: {IDLE:,} idle connections and {UPLOADS} slow uploads")
    data = options.folder / "crowd"
    seed(data, 200)
    clip = make_clip(options.folder / "slow.mp4", 60, size="640x360")
    one = server(data)
    one.start()
    clients = Crowd(one.port)
    clients.start()
    try:
        one.log_in()
        paths = ["/", "/api/v1/videos?count=15"]
        load(one, paths, 1, 4)
        alone, before = load(one, paths, options.seconds, 4), memory_mib(one.process.pid)
        clients.do(clients.connect(IDLE))
        locations = [one.upload_start(clip, f"Slow {number}") for number in range(UPLOADS)]
        clients.do(clients.upload(locations, one.token, clip.read_bytes()))
        time.sleep(3)
        beside = load(one, paths, options.seconds, 4)
        still = clients.open()
        table.add("pages alone: p99", f"{alone.p99_ms:.1f} ms")
        table.add("pages beside the crowd: p99", f"{beside.p99_ms:.1f} ms", f"<= {2 * alone.p99_ms:.1f} ms",
                  beside.p99_ms <= 2 * alone.p99_ms and not beside.errors)
        table.add("connections that are still open", f"{still:,}", f"{IDLE:,}", still == IDLE)
        going = sum(sent > 2 * SLOW_BYTES for sent in clients.sent.values())
        table.add("uploads that go on", str(going), str(UPLOADS), going == UPLOADS)
        memory = (memory_mib(one.process.pid) - before) * 1024 / (IDLE + UPLOADS)
        table.add("memory for each of them", f"{memory:.1f} KiB", "<= 40 KiB", memory <= 40)
    finally:
        clients.do(clients.leave())
        one.stop()
