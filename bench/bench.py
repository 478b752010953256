"""The figures of docs/benchmarks.md, measured with the release binary and printed as one table.

usage: bench/bench.py [--only PART,PART] [--videos N] [--many N] [--seconds S] [--write]
Parts: idle, pages, growth, talk, federation, crowd, small, ranges, upload, direct, ladder, first, workers, title. With TEST_POSTGRES_URL set (tests/postgres.sh)
growth, talk and federation run on both databases.
"""

import argparse
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/peers"))

from crowd import crowd  # noqa: E402
from federation import federation  # noqa: E402
from first import first, workers  # noqa: E402
from ladder import ladder  # noqa: E402
from load import load, memory_mib  # noqa: E402
from ranges import ranges  # noqa: E402
from small import small  # noqa: E402
from talk import talk  # noqa: E402
from title import per_title  # noqa: E402
from upload import direct, upload  # noqa: E402
from vidicon import Server  # noqa: E402

BINARY = os.environ.get("VIDICON_BIN", str(ROOT / "target/release/vidicon"))
WORDS = "river mountain garden kitchen engine violin harbour winter market bicycle".split()
SORTS = ["-publishedAt", "-views", "-likes", "name", "-createdAt", "duration", "-trending"]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, figure, aim="", good=None):
        mark = "" if good is None else ("yes" if good else "**no**")
        self.rows.append((what, figure, aim, mark))
        print(f"{what:62} {figure:>18}  {aim:18} {mark}", flush=True)

    def title(self, text):
        self.rows.append((f"**{text}**", "", "", ""))
        print(f"\n{text}", flush=True)

    def markdown(self):
        lines = ["| what | measured | aim | met |", "|---|---:|---:|---|"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])


def server(data, database=None, binary=BINARY):
    environment = {"VIDICON_BENCH": "1", "VIDICON__LOG__LEVEL": "warn"}
    return Server(data, database=database, environment=environment, binary=binary)


def seed(data, videos, database=None, bare=True):
    """Invented videos: rows alone, or with files that play."""
    environment = {**os.environ, "VIDICON_ROOT_PASSWORD": "a password of the tests"}
    if database:
        environment["VIDICON__DATABASE__URL"] = database
    started = time.monotonic()
    command = [BINARY, "seed", "--data-dir", str(data), "--videos", str(videos), *(["--bare"] if bare else [])]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def as_after_boot():
    """Empties the system's cache of files where that is allowed: of a program that was just built, it maps more than is used."""
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("1")
    except OSError as error:
        print(f"the cache of files stays: {error}", file=sys.stderr)


def idle(table, options):
    table.title("Idle, 1,000 videos")
    data = options.folder / "thousand"
    starts = []
    for _ in range(5):
        one = server(data)
        started = time.monotonic()
        one.start()
        starts.append(1000 * (time.monotonic() - started))
        one.stop()
    median = sorted(starts)[2]
    table.add("start to the first answer, median of 5", f"{median:.0f} ms", "< 300 ms", median < 300)
    as_after_boot()
    one = server(data).start()
    try:
        time.sleep(5)
        memory = memory_mib(one.process.pid)
        table.add("memory after the start", f"{memory:.1f} MiB", "<= 50 MiB", memory <= 50)
        for path in ("/", "/api/v1/videos?count=15", "/api/v1/search/videos?search=river"):
            load(one, [path], 1, 4)
        time.sleep(5)
        memory = memory_mib(one.process.pid)
        table.add("memory after a little use, idle again", f"{memory:.1f} MiB", "<= 50 MiB", memory <= 50)
    finally:
        one.stop()


def targets(one):
    """Name, one path, many paths, share of the constant handler and CPU milliseconds that are aimed at."""
    rng = random.Random(7)
    found = []
    for start in range(0, 1000, 100):
        found += one.api("GET", f"/videos?count=100&start={start}").json()["data"]
    rng.shuffle(found)
    lists = [
        f"/api/v1/videos?count={rng.choice([10, 15, 20])}&start={rng.randrange(800)}&sort={rng.choice(SORTS)}"
        for _ in range(500)
    ]
    lists += [
        f"/api/v1/videos?count=15&start={rng.randrange(20)}&categoryOneOf={rng.randint(1, 18)}&sort=-publishedAt"
        for _ in range(500)
    ]
    rng.shuffle(lists)
    pairs = [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    words = WORDS + pairs + [word[:-2] + word[-1] + word[-2] for word in WORDS]
    searches = [
        f"/api/v1/search/videos?count=15&start={start}&search={urllib.parse.quote(text)}"
        for text in words
        for start in (0, 15, 30)
    ]
    rng.shuffle(searches)
    return [
        ("videos list", "/api/v1/videos?count=15&sort=-publishedAt", lists, 0.3, 0.15),
        ("one video", f"/api/v1/videos/{found[0]['uuid']}", [f"/api/v1/videos/{v['uuid']}" for v in found], None, 0.15),
        ("watch page", f"/w/{found[0]['shortUUID']}", [f"/w/{v['shortUUID']}" for v in found], 0.5, 0.2),
        ("search", searches[0], searches, None, 0.4),
    ]


def pages(table, options):
    table.title("Requests, 1,000 videos, 32 connections")
    one = server(options.folder / "thousand").start()
    try:
        one.log_in()
        for name, same, different, share, cpu in targets(one):
            size = len(one.request("GET", same).body)
            constant = load(one, [f"/bench/constant?bytes={size}"], options.seconds)
            table.add(f"constant of {size} bytes", f"{constant.per_second:.0f}/s {constant.cpu_ms:.3f} ms")
            # Answers to requests with a header that is not known are made anew each time: the second of the two
            # does not rest on the answers that are kept.
            for kind, paths, headers in (("same", [same], {}), ("different", different, {"X-Bench": "anew"})):
                load(one, paths, 1, headers=headers)
                got = load(one, paths, options.seconds, headers=headers)
                if got.errors:
                    table.add(f"{name}, {kind}: requests that failed", f"{got.errors}", "0", False)
                label = f"{name}, every request {'the ' if kind == 'same' else ''}{kind}"
                table.add(f"{label}: requests a second, p99", f"{got.per_second:.0f}/s {got.p99_ms:.1f} ms")
                ratio = got.per_second / constant.per_second
                if share:
                    table.add("  share of the constant's", f"{ratio:.2f}", f">= {share}", ratio >= share)
                table.add("  CPU for each request", f"{got.cpu_ms:.3f} ms", f"<= {cpu} ms", got.cpu_ms <= cpu)
    finally:
        one.stop()


def growth_of(one, options):
    """Median latency of one connection for the pages that must not grow with the number of videos."""
    found = one.api("GET", "/videos?count=50").json()["data"]
    channels = sorted({video["channel"]["name"] for video in found})
    rng = random.Random(11)
    groups = {
        "list": [f"/api/v1/videos?count=15&start={rng.randrange(200)}&sort={sort}" for sort in SORTS for _ in range(9)],
        "list of two categories": [
            f"/api/v1/videos?count=15&categoryOneOf={a}&categoryOneOf={a + 5}&sort={sort}"
            for sort in ("-views", "-publishedAt", "name") for a in range(1, 13)
        ],
        "channel": [f"/api/v1/video-channels/{name}/videos?count=15" for name in channels],
        "search": [f"/api/v1/search/videos?count=15&search={a}%20{b}" for a in WORDS for b in WORDS if a < b] +
                  [f"/api/v1/search/videos?count=15&search={word}" for word in WORDS],
        "home page": ["/"],
    }
    anew = {"X-Bench": "anew"}
    for paths in groups.values():
        load(one, paths, 2, 1, anew)
    return {name: load(one, paths, options.seconds, 1, anew) for name, paths in groups.items()}


def growth(table, options):
    databases = [("SQLite", None)]
    if os.environ.get("TEST_POSTGRES_URL"):
        databases.append(("PostgreSQL", os.environ["TEST_POSTGRES_URL"]))
    for name, url in databases:
        table.title(f"Growth from 1,000 to {options.many:,} videos, {name}, one connection")
        figures = []
        for count in (1000, options.many // 10, options.many):
            data = options.folder / ("thousand" if count == 1000 and not url else f"growth-{name}-{count}")
            database = url and new_database(url, f"bench_{count}")
            took = 0 if count == 1000 and not url else seed(data, count, database)
            if took:
                table.add(f"seed {count:,} videos", f"{took:.0f} s")
            one = server(data, database).start(timeout=120)
            try:
                one.log_in()
                figures.append(growth_of(one, options))
            finally:
                one.stop()
        for what, few in figures[0].items():
            tenth, many = figures[1][what], figures[2][what]
            ratio = many.p50_ms / few.p50_ms
            cells = f"{few.p50_ms:.2f} -> {many.p50_ms:.2f} ms"
            table.add(f"{what}: median", cells)
            table.add(f"{what}: p99 of a tenth and of all", f"{tenth.p99_ms:.2f} -> {many.p99_ms:.2f} ms")
            table.add(f"{what}: times as slow", f"{ratio:.2f}", "<= 2", ratio <= 2 and not many.errors)


def new_database(url, name):
    subprocess.run(["psql", "-qX", url, "-c", f"CREATE DATABASE {name}"], check=True)
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(path=f"/{name}"))


def talking(table, options):
    talk(table, options, seed, server, new_database)


def between_servers(table, options):
    federation(table, options, seed, server, new_database)


def crowded(table, options):
    crowd(table, options, seed, server)


def on_a_small_machine(table, options):
    small(table, options, server)


PARTS = {"idle": idle, "pages": pages, "growth": growth, "talk": talking, "federation": between_servers, "crowd": crowded,
         "small": on_a_small_machine, "ranges": ranges, "upload": upload, "direct": direct, "ladder": ladder,
         "first": first, "workers": workers, "title": per_title}


def write(table):
    page = ROOT / "docs/benchmarks.md"
    head = page.read_text().split("\n## Figures")[0].rstrip()
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    about = f"{date.today()}, {os.cpu_count()} cores, {model.split(':')[1].strip()}, Linux {platform.release()}."
    page.write_text(f"{head}\n\n## Figures\n\n{about}\n\n{table.markdown()}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5, help="length of the ladder's clip")
    parser.add_argument("--height", type=int, default=720, choices=(360, 480, 720), help="size of the ladder's clip")
    parser.add_argument("--gib", type=float, default=10, help="size of the large upload")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args()
    options.folder = Path(tempfile.mkdtemp(prefix="vidicon-bench-"))
    options.binary = BINARY
    options.clips = []
    table = Table()
    try:
        parts = options.only.split(",")
        if {"idle", "pages", "growth"} & set(parts):
            took = seed(options.folder / "thousand", options.videos, bare=False)
            table.title("Seed")
            table.add(f"{options.videos:,} videos", f"{took:.1f} s")
        for part in parts:
            PARTS[part](table, options)
    finally:
        shutil.rmtree(options.folder, ignore_errors=True)
    if options.write:
        write(table)


if __name__ == "__main__":
    main()
