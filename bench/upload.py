"""A large upload in pieces: its speed against a plain copy on the same disk, and the memory and disk it takes. And one
straight to a bucket, where TEST_S3_ENDPOINT names an S3 server: what of it the server has to read."""

import http.client
import json
import os
import struct
import time
import urllib.request
from pathlib import Path

from load import cpu_seconds, memory_mib
from vidicon import Server, bucket_environment, make_clip

PIECE = 128 << 20


def make_large(path, size):
    """A real clip with an empty box behind it, up to the size. The hole costs nothing to read."""
    make_clip(path, 2)
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(struct.pack(">I4sQ", 1, b"free", size - file.tell()))
        file.truncate(size)


def copy_seconds(path, target):
    os.sync()
    started = time.monotonic()
    with open(path, "rb") as source, open(target, "wb") as copy:
        while block := source.read(1 << 20):
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    took = time.monotonic() - started
    target.unlink()
    return took


def send(server, location, path, size):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    with open(path, "rb") as file:
        for start in range(0, size, PIECE):
            length = min(PIECE, size - start)
            connection.putrequest("PUT", location)
            connection.putheader("Authorization", f"Bearer {server.token}")
            connection.putheader("Content-Type", "application/octet-stream")
            connection.putheader("Content-Range", f"bytes {start}-{start + length - 1}/{size}")
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            connection.sock.sendfile(file, start, length)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status not in (200, 308):
                raise RuntimeError(f"a piece at {start}: {answer.status} {body[:300]!r}")
    return answer.status


def used_bytes(folder):
    return sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())


def upload(table, options):
    size = int(options.gib * (1 << 30))
    table.title(f"An upload of {options.gib:g} GiB in pieces of 128 MiB")
    path = options.folder / "large.mp4"
    make_large(path, size)
    # A copy before and one after it: the disk of a rented machine is not as fast at all times.
    before_it = copy_seconds(path, options.folder / "copy")
    server = Server(options.folder / "upload-data", binary=options.binary)
    server.start().log_in()
    try:
        pid = server.process.pid
        location = server.upload_start(path, "large", filename="large.mp4")
        before = memory_mib(pid)
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        os.sync()
        spent, started = cpu_seconds(pid), time.monotonic()
        status = send(server, location, path, size)
        took, spent = time.monotonic() - started, cpu_seconds(pid) - spent
        grown = memory_mib(pid, "VmHWM") - before
        disk = used_bytes(server.data) / size
        plain = (before_it + copy_seconds(path, options.folder / "copy")) / 2
        table.add("answer to the last piece", str(status), "200", status == 200)
        table.add("upload, plain copy", f"{took:.1f} s {plain:.1f} s")
        table.add("share of the plain copy's speed", f"{plain / took:.2f}", ">= 0.8", plain / took >= 0.8)
        table.add("CPU of the server", f"{1000 * spent / options.gib:.0f} ms/GiB")
        table.add("additional memory at the most", f"{grown:.1f} MiB", "<= 32 MiB", grown <= 32)
        table.add("disk taken, times the file", f"{disk:.2f}", "<= 1.05", disk <= 1.05)
    finally:
        server.stop()


def read_bytes(pid):
    """What the process has read so far, from sockets and files alike."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("rchar:"))


def put(url, data):
    # as a browser does; what is called a form, some servers read as one, which takes minutes
    kind = {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=data, method="PUT", headers=kind)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=600) as answer:
        return answer.headers["ETag"]


def send_parts(server, path, begun, size):
    etags, urls = [], {item["part"]: item["url"] for item in begun["urls"]}
    where = f"/videos/upload-direct/{begun['uploadId']}"
    with open(path, "rb") as file:
        for part in range(1, begun["partCount"] + 1):
            if part not in urls:
                more = server.api("POST", f"{where}/parts", body={"first": part})
                urls = {item["part"]: item["url"] for item in json.loads(more.body)["urls"]}
            etags.append(put(urls[part], file.read(min(begun["partSize"], size - file.tell()))))
    return server.api("POST", f"{where}/complete", body={"etags": etags})


def direct(table, options):
    if not os.environ.get("TEST_S3_ENDPOINT"):
        return
    size = int(min(options.gib, 1) * (1 << 30))
    table.title(f"An upload of {size / (1 << 30):g} GiB straight to the bucket")
    path = options.folder / "direct.mp4"
    make_large(path, size)
    server = Server(options.folder / "direct-data", binary=options.binary, environment=bucket_environment("bench"))
    server.start().log_in()
    try:
        pid = server.process.pid
        fields = {"name": "direct", "channelId": server.channel(), "filename": "direct.mp4", "privacy": 1}
        headers = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
        before, started = read_bytes(pid), time.monotonic()
        begun = server.api("POST", "/videos/upload-direct", body=fields, headers=headers)
        answer = send_parts(server, path, json.loads(begun.body), size)
        took, share = time.monotonic() - started, (read_bytes(pid) - before) / size
        table.add("answer when all parts are there", str(answer.status), "200", answer.status == 200)
        table.add("speed", f"{size / took / (1 << 20):.0f} MiB/s")
        table.add("bytes that the server read, for an uploaded byte", f"{share:.5f}", "< 0.01", share < 0.01)
    finally:
        server.stop()
