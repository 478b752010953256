"""CPU time of a ladder with all of the server's work, against one hand-written ffmpeg command; and what watching feels
like meanwhile."""

import resource
import subprocess
import threading
import time

from load import cpu_seconds, load
from vidicon import Server, until

# width, height, highest bit rate in kbit/s: the defaults of the program
RUNGS = ((1280, 720, 2800), (854, 480, 1400), (640, 360, 800), (426, 240, 400))
SMALLEST = (256, 144, 200)


def rungs_of(height):
    """Those that are no higher; a small source has the smallest one as well, so that there are three at least."""
    rungs = tuple(rung for rung in RUNGS if rung[1] <= height)
    return rungs if len(rungs) > 2 else (*rungs, SMALLEST)


def make_source(path, minutes, size):
    """Moving picture with noise, about as hard to encode as hand-held video, with keyframes every 12 s: over the
    limit for copying, so that every rung is encoded."""
    picture = f"testsrc2=size={size}:rate=30,noise=alls=4:allf=t"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=frequency=440"]
    command += ["-t", str(minutes * 60), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
    command += ["-g", "360", "-keyint_min", "360", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def by_hand(source, folder, rungs):
    """One command, one decode, an encode for each rung, the sound once; the same settings as the program's."""
    folder.mkdir()
    split = "".join(f"[s{n}]" for n in range(len(rungs)))
    scales = ";".join(
        f"[s{n}]scale={width}:{height}:flags=bicubic,setsar=1,format=yuv420p[v{n}]"
        for n, (width, height, _) in enumerate(rungs)
    )
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source)]
    command += ["-filter_complex", f"[0:v]split={len(rungs)}{split};{scales}"]
    for n, (_, height, rate) in enumerate(rungs):
        limits = ["-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"]
        command += ["-map", f"[v{n}]", *X264, *limits, str(folder / f"{height}.mp4")]
    command += ["-map", "0:a", "-c:a", "aac", "-b:a", "128k", "-ac", "2", str(folder / "sound.mp4")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


X264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high", "-threads", "2"]
X264 += ["-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-flags", "+cgop"]


def ladder(table, options):
    rungs = rungs_of(options.height)
    width, height, _ = rungs[0]
    table.title(f"A ladder of {len(rungs)} rungs, {options.minutes:g} minutes of {height}p")
    source = options.folder / "source.mp4"
    make_source(source, options.minutes, f"{width}x{height}")
    environment = {
        "VIDICON__TRANSCODING__RESOLUTIONS": str(sorted(height for _, height, _ in rungs)),
        "VIDICON__LOG__LEVEL": "warn",
        # as on a site; the tests' servers have another
        "VIDICON__TRANSCODING__PRIORITY": "nice",
    }
    server = Server(options.folder / "ladder-data", environment=environment, binary=options.binary)
    server.start().log_in()
    try:
        times, cost = through_the_server(server, source, options)
        files = server.video(server.last)["streamingPlaylists"][0]["files"]
        table.add("renditions made", " ".join(str(f["resolution"]["id"]) for f in files))
        hand = by_hand(source, options.folder / "by-hand", rungs)
        table.add("CPU of the server and its encoders", f"{cost:.1f} s")
        table.add("CPU of one ffmpeg command", f"{hand:.1f} s")
        table.add("ratio", f"{cost / hand:.3f}", "<= 1.05", cost / hand <= 1.05)
        for name, (idle, busy) in times.items():
            table.add(f"{name} p99, idle, while it transcodes", f"{idle:.1f} {busy:.1f} ms")
            table.add(f"{name}: times as slow", f"{busy / idle:.2f}", "<= 1.5", busy / idle <= 1.5)
    finally:
        server.stop()


def through_the_server(server, source, options):
    """Uploads, waits until all is done, and gives the p99 afterwards and meanwhile of the watch page and of a list, and the CPU
    seconds of it all.

    The cost of the watch requests themselves is taken off by what the same number cost before."""
    before = cpu_seconds(server.process.pid, children=True)
    uuid = server.upload(source, "the ladder")["uuid"]
    server.last = uuid
    paths = {"watch page": f"/w/{uuid}", "list": "/api/v1/videos?count=15"}
    until("the first rung", 600, lambda: server.request("GET", paths["watch page"]).status == 200)
    busy, spent, stop = {name: [] for name in paths}, [0.0], threading.Event()

    def watch():
        while not stop.is_set():
            own = cpu_seconds(server.process.pid)
            for name, path in paths.items():
                busy[name].append(load(server, [path], 5, 8).p99_ms)
            spent[0] += cpu_seconds(server.process.pid) - own
            stop.wait(20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    server.wait_published(uuid, 3600)
    stop.set()
    watcher.join()
    time.sleep(1)
    cost = cpu_seconds(server.process.pid, children=True) - before - spent[0]
    times = {}
    for name, path in paths.items():
        idle = sorted(load(server, [path], 5, 8).p99_ms for _ in range(3))[1]
        times[name] = (idle, sorted(busy[name])[len(busy[name]) // 2])
    return times, cost
