"""A machine of one processor and 1 GB: an upload, its transcoding, and 50 viewers beside it."""

import os
import re
import threading
import time
import urllib.request
from pathlib import Path

from load import load
from vidicon import make_clip

LIMIT = 1_000_000_000
VIEWERS = 50
CLIP_S = 30
# as much of a rendition as a player asks for at a time
PIECE = 512 << 10


class Cage:
    """A control group that a process can be started in, of either version. Needs root."""

    def __init__(self, name, limit):
        unified = Path("/sys/fs/cgroup/cgroup.controllers")
        self.new = unified.exists() and "memory" in unified.read_text().split()
        self.group = Path("/sys/fs/cgroup" if self.new else "/sys/fs/cgroup/memory") / name
        if self.new:
            (unified.parent / "cgroup.subtree_control").write_text("+memory")
        self.group.mkdir()
        self.put("memory.max" if self.new else "memory.limit_in_bytes", limit)
        try:
            # All of it in memory: nothing is swapped out.
            self.put("memory.swap.max" if self.new else "memory.memsw.limit_in_bytes", 0 if self.new else limit)
        except OSError:
            pass  # a kernel that does not count what is swapped out

    def put(self, name, value):
        (self.group / name).write_text(str(value))

    def number(self, name, key=None):
        text = (self.group / name).read_text()
        return int(re.search(rf"^{key} (\d+)$", text, re.M)[1] if key else text)

    def processes(self):
        return [int(line) for part in self.group.glob("**/cgroup.procs") for line in part.read_text().split()]

    def program(self, binary, folder):
        """A command that does as the binary does, in here and on one processor."""
        script = folder / "caged"
        script.write_text(f'#!/bin/sh\necho $$ >{self.group}/cgroup.procs && exec taskset -c 0 {binary} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def kills(self):
        if self.new:
            return self.number("memory.events", "oom_kill")
        return self.number("memory.oom_control", "oom_kill")

    def close(self):
        for part in sorted(self.group.glob("*/"), reverse=True):
            part.rmdir()
        self.group.rmdir()


class Peak(threading.Thread):
    """What the programs hold, from time to time: the group's own count has the files that the kernel keeps as well."""

    def __init__(self, cage):
        super().__init__(daemon=True)
        self.cage, self.over = cage, threading.Event()
        self.all = self.server = 0

    def run(self):
        while not self.over.wait(0.1):
            sizes = {}
            for pid in self.cage.processes():
                try:
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    continue
                held = re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)
                sizes[pid] = int(held[1]) / 1024 if held else 0
            self.all = max(self.all, sum(sizes.values()))
            self.server = max(self.server, sizes.get(min(sizes, default=0), 0))


class Viewers:
    """Each reads the largest rendition piece by piece, one piece a second, from a place of its own."""

    def __init__(self, address, size):
        self.address, self.size = address, size
        self.over = threading.Event()
        self.took, self.errors = [], []
        self.threads = [threading.Thread(target=self.watch, args=(number,), daemon=True) for number in range(VIEWERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def watch(self, number):
        at = number * self.size // VIEWERS
        self.over.wait(number / VIEWERS)
        while not self.over.is_set():
            end = min(at + PIECE, self.size) - 1
            request = urllib.request.Request(self.address, headers={"Range": f"bytes={at}-{end}"})
            started = time.monotonic()
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    if len(answer.read()) != end - at + 1:
                        raise OSError("cut short")
            except OSError as error:
                self.errors.append(str(error))
            took = time.monotonic() - started
            self.took.append(1000 * took)
            at = 0 if end + 1 >= self.size else end + 1
            self.over.wait(max(0, 1 - took))

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def p99_ms(self):
        return sorted(self.took)[int(len(self.took) * 0.99)] if self.took else 0


def small(table, options, server):
    table.title(f"One processor and 1 GB, {VIEWERS} viewers, {CLIP_S} s of 1080p")
    if os.geteuid() != 0:
        table.add("needs root", "left out")
        return
    cage = Cage(f"vidicon-bench-{os.getpid()}", LIMIT)
    one = server(options.folder / "small", binary=cage.program(options.binary, options.folder))
    peak = Peak(cage)
    try:
        clips = [make_clip(options.folder / f"small-{n}.mp4", CLIP_S, "1920x1080") for n in (0, 1)]
        one.start().log_in()
        peak.start()
        started = time.monotonic()
        first = one.wait_published(one.upload(clips[0], "first")["uuid"], 1800)
        table.add("the first uploaded and transcoded", f"{time.monotonic() - started:.1f} s")
        second = one.upload(clips[1], "second")
        file = max(first["streamingPlaylists"][0]["files"], key=lambda file: file["size"])
        with Viewers(file["fileUrl"], file["size"]) as viewers:
            pages = load(one, [f"/w/{first['shortUUID']}"], options.seconds, 2, {"X-Bench": "anew"})
            one.wait_published(second["uuid"], 1800)
            while one.busy():
                time.sleep(0.2)
        table.add("both transcoded, with the viewers", f"{time.monotonic() - started:.1f} s")
        table.add("pieces that viewers got, p99", f"{len(viewers.took)} {viewers.p99_ms():.0f} ms", "< 1000 ms", viewers.p99_ms() < 1000)
        table.add("pieces that failed", f"{len(viewers.errors)}", "0", not viewers.errors)
        table.add("watch page beside it, p99", f"{pages.p99_ms:.1f} ms", "< 1000 ms", pages.p99_ms < 1000 and not pages.errors)
        table.add("most memory of the server", f"{peak.server:.0f} MiB")
        table.add("most memory with ffmpeg", f"{peak.all:.0f} MiB", "< 900 MiB", peak.all < 900)
        table.add("processes that were killed", f"{cage.kills()}", "0", cage.kills() == 0)
    finally:
        peak.over.set()
        if peak.is_alive():
            peak.join()
        one.stop()
        cage.close()
