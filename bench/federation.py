"""How fast signed activities come in and are worked off, how pages fare beside a long queue, and how long a
video takes to reach 5,000 followers on 500 servers of which 100 never answer.

The servers are one program: every loopback address 127.1.x.y is a host of its own, on the same port.
"""

import asyncio
import base64
import email.utils
import hashlib
import json
import os
import sqlite3
import subprocess
import threading
import time

from load import load, memory_mib
from talk import insert, run

FOLLOWERS = 5_000
HOSTS = 500
HANGING = 100
SIGNED = 4_000
QUEUED = 100_000
AT_ONCE = 32
NOW = "1700000000000"


def address(number):
    return f"127.1.{number // 200}.{1 + number % 200}"


class Peers(threading.Thread):
    """All the other servers. The first HANGING of them take requests and never answer."""

    def __init__(self):
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.got = {}

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "0.0.0.0", 0, backlog=2000))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()

    def hosts(self):
        return [f"{address(number)}:{self.port}" for number in range(HOSTS)]

    async def serve(self, reader, writer):
        hanging = set(self.hosts()[:HANGING])
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                host = fields.get("host", "")
                if host in hanging:
                    await asyncio.sleep(3600)
                if head.startswith("POST"):
                    kind = json.loads(body).get("type")
                    self.got.setdefault(kind, {}).setdefault(host, time.monotonic())
                    writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
                else:
                    writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class Store:
    """The database of the program, asked from beside it."""

    def __init__(self, data, database):
        self.data, self.database = data, database

    def rows(self, query):
        if self.database:
            command = ["psql", "-qXAt", "-F", "\t", self.database, "-c", query]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return [line.split("\t") for line in text.splitlines()]
        connection = sqlite3.connect(f"file:{self.data}/vidicon.db?mode=ro", uri=True, timeout=60)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def number(self, query):
        return int(self.rows(query)[0][0])


class Key:
    """An RSA key, by openssl's own library where Python has it."""

    def __init__(self):
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.padding, self.hash = padding.PKCS1v15(), hashes.SHA256()
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        self.public = self.key.public_key().public_bytes(encoding, form).decode()

    def sign(self, text):
        return base64.b64encode(self.key.sign(text.encode(), self.padding, self.hash)).decode()


def actors(peers, key, first):
    """Rows of ten people on each server, each with an account."""
    people, accounts = [], []
    pem = f"'{key.public}'"
    for number in range(FOLLOWERS):
        host = peers.hosts()[number % HOSTS]
        url = f"http://{host}/users/p{number}"
        people.append((
            first + number, "'account'", f"'p{number}'", f"'{host}'", f"'{url}'", f"'{url}/inbox'", f"'http://{host}/inbox'",
            pem, f"'{url}#main-key'", "'Person'", NOW, NOW, int(time.time() * 1000),
        ))
        accounts.append((first + number, first + number, f"'P {number}'", NOW, NOW))
    columns = "id, kind, name, host, url, inbox_url, shared_inbox_url, public_key, key_url, ap_type, created_at, updated_at, fetched_at"
    yield from insert("actor", columns, people)
    yield from insert("account", "id, actor_id, display_name, created_at, updated_at", accounts)


def like(peers, number, videos):
    """One like: a person and a video that have not met before."""
    person, video = number % FOLLOWERS, videos[number // FOLLOWERS % len(videos)]
    url = f"http://{peers.hosts()[person % HOSTS]}/users/p{person}"
    return url, {
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"{url}/likes/{number}", "type": "Like",
        "actor": url, "object": video, "to": [video.rsplit("/", 3)[0] + "/accounts/root"],
    }


def request(one, key, actor, activity):
    body = json.dumps(activity)
    host, date = f"127.0.0.1:{one.port}", email.utils.formatdate(usegmt=True)
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    signed = f"(request-target): post /inbox\nhost: {host}\ndate: {date}\ndigest: {digest}"
    signature = (f'keyId="{actor}#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest",'
                 f'signature="{key.sign(signed)}"')
    head = (f"POST /inbox HTTP/1.1\r\nhost: {host}\r\ndate: {date}\r\ndigest: {digest}\r\nsignature: {signature}\r\n"
            f"content-type: application/activity+json\r\ncontent-length: {len(body)}\r\n\r\n")
    return (head + body).encode()


async def deliver(port, requests):
    """Sends all over AT_ONCE connections; gives the seconds and how many were taken."""
    left, taken = iter(requests), 0

    async def line():
        nonlocal taken
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in left:
            writer.write(one)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if length:
                await reader.readexactly(int(length[0].split(b":")[1]))
            taken += answer.startswith(b"HTTP/1.1 20")
        writer.close()

    started = time.monotonic()
    await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return time.monotonic() - started, taken


def worked_off(store, seconds):
    """How many each second until none waits or the time is over."""
    waiting = "SELECT count(*) FROM received_activity WHERE worked_at IS NULL"
    first, started = store.number(waiting), time.monotonic()
    left = first
    while left and time.monotonic() - started < seconds:
        time.sleep(0.2)
        left = store.number(waiting)
    return (first - left) / (time.monotonic() - started), left


def queue(peers, videos, first):
    """QUEUED likes as they lie in the database when they have been accepted, with their jobs."""
    received, jobs = [], []
    for number in range(QUEUED):
        url, activity = like(peers, number + SIGNED, videos)
        text = json.dumps(activity).replace("'", "''")
        actor = 1_000_000 + (number + SIGNED) % FOLLOWERS
        received.append((first + number, f"'{activity['id']}'", actor, "'Like'", f"'{text}'", NOW))
        jobs.append(("'federation_receive'", f"'{{\"receivedId\": {first + number}}}'", NOW, 8, NOW))
    yield from insert("received_activity", "id, url, signer_actor_id, kind, body, received_at", received)
    yield from insert("job", "kind, payload, run_at, max_attempts, created_at", jobs)


def pages(one, seconds):
    return load(one, ["/", "/api/v1/videos?count=15"], seconds, 4)


def incoming(table, options, one, store, peers, key, name, idle):
    videos = [f"{one.base}/videos/watch/{uuid}" for (uuid,) in store.rows(
        "SELECT uuid FROM video WHERE privacy = 1 AND is_local AND state = 1 ORDER BY id LIMIT 100")]
    signed = [request(one, key, *like(peers, number, videos)) for number in range(SIGNED)]
    seconds, taken = asyncio.run(deliver(one.port, signed))
    table.add("signed deliveries accepted", f"{taken / seconds:.0f}/s", "all", taken == SIGNED)
    rate, left = worked_off(store, 120)
    table.add("worked off after that", f"{rate:.0f}/s", "", left == 0)
    one.stop()
    run(store.data, store.database, list(queue(peers, videos, 10_000_000)))
    one.start(timeout=120)
    busy = pages(one, options.seconds)
    table.add(f"pages with {QUEUED:,} queued: p99", f"{busy.p99_ms:.1f} ms", f"<= 4 x {idle.p99_ms:.1f} ms",
              busy.p99_ms <= 4 * idle.p99_ms and not busy.errors)
    rate, _ = worked_off(store, 20)
    table.add(f"worked off of {QUEUED:,}", f"{rate:.0f}/s")
    memory = memory_mib(one.process.pid)
    table.add(f"memory with {QUEUED:,} queued", f"{memory:.0f} MiB", "<= 200 MiB", memory <= 200)
    one.stop()
    clear = ["DELETE FROM received_activity;", "DELETE FROM job WHERE kind IN ('federation_receive', 'federation_video');"]
    run(store.data, store.database, clear)
    one.start(timeout=120)


def fan_out(table, options, one, store, peers, idle):
    one.log_in()
    video, account = store.rows(
        "SELECT v.uuid, a.actor_id FROM video v JOIN account a ON a.id = v.account_id"
        " WHERE v.privacy = 1 AND v.is_local AND v.state = 1 ORDER BY v.id LIMIT 1")[0]
    one.api("PUT", f"/videos/{video}", 204, body={"privacy": 3})
    time.sleep(2)
    one.stop()
    follows = [(1_000_000 + number, account, "'accepted'", NOW, NOW) for number in range(FOLLOWERS)]
    columns = "follower_actor_id, actor_id, state, created_at, updated_at"
    run(store.data, store.database, list(insert("follow", columns, follows)))
    peers.got.clear()
    one.start(timeout=120)
    one.log_in()
    started = time.monotonic()
    one.api("PUT", f"/videos/{video}", 204, body={"privacy": 1})
    beside = pages(one, options.seconds)
    healthy = HOSTS - HANGING
    while len(peers.got.get("Create", {})) < healthy and time.monotonic() - started < 600:
        time.sleep(0.2)
    reached = peers.got.get("Create", {}).values()
    table.add(f"a video at all of {healthy} servers that answer", f"{max(reached, default=started) - started:.1f} s",
              "all", len(reached) == healthy)
    table.add("half of them after", f"{sorted(reached)[len(reached) // 2] - started:.1f} s" if reached else "-")
    table.add("pages meanwhile: p99", f"{beside.p99_ms:.1f} ms", f"<= 4 x {idle.p99_ms:.1f} ms",
              beside.p99_ms <= 4 * idle.p99_ms and not beside.errors)


def federation(table, options, seed, server, new_database):
    databases = [("SQLite", None)]
    if os.environ.get("TEST_POSTGRES_URL"):
        databases.append(("PostgreSQL", os.environ["TEST_POSTGRES_URL"]))
    key = Key()
    for name, url in databases:
        table.title(f"Federation, {name}: {FOLLOWERS:,} followers on {HOSTS} servers, {HANGING} of which hang")
        data, database = options.folder / f"federation-{name}", url and new_database(url, "federation")
        seed(data, 200, database)
        peers = Peers()
        peers.start()
        peers.ready.wait()
        store = Store(data, database)
        run(data, database, list(actors(peers, key, 1_000_000)))
        one = server(data, database)
        one.environment["VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES"] = "true"
        one.start(timeout=120)
        try:
            idle = pages(one, options.seconds)
            table.add("pages while nothing comes or goes: p99", f"{idle.p99_ms:.1f} ms")
            incoming(table, options, one, store, peers, key, name, idle)
            fan_out(table, options, one, store, peers, idle)
        finally:
            one.stop()
