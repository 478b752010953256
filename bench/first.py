"""How long after the end of an upload a viewer sees the first frame: of a file that is copied, of any length, and of one
in 4K that has to be encoded. And how long a video takes with two workers on this machine, against one."""

import subprocess
import time

from vidicon import Server, until


def make(path, seconds, size, *codec):
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30"]
    command += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(seconds), *codec, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def has_frame(server, uuid):
    """Does a player that reads the master playlist get a picture?"""
    video = server.request("GET", f"/api/v1/videos/{uuid}", token=server.token).json()
    playlists = video.get("streamingPlaylists") or []
    if not playlists:
        return False
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", playlists[0]["playlistUrl"], "-frames:v", "1", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode == 0 and not done.stderr.strip()


def to_the_first_frame(server, clip):
    uuid = server.upload(clip, clip.stem)["uuid"]
    ended = time.monotonic()
    until("the first frame", 600, lambda: has_frame(server, uuid), pause=0.05)
    return time.monotonic() - ended


def first(table, options):
    table.title("From the end of an upload to the first frame")
    fitting = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac"]
    wide = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv444p", "-g", "60", "-c:a", "flac"]
    minutes = options.minutes
    copied = make(options.folder / "copied.mp4", minutes * 60, "854x480", *fitting)
    large = make(options.folder / "large.mkv", min(20, minutes * 60), "3840x2160", *wide)
    environment = {"VIDICON__LOG__LEVEL": "warn"}
    server = Server(options.folder / "first-data", environment=environment, binary=options.binary)
    server.start().log_in()
    try:
        took = to_the_first_frame(server, copied)
        table.add(f"{minutes:g} minutes of 480p that are copied", f"{took:.1f} s", "<= 3 s", took <= 3)
        until("the queue to be empty", 3600, lambda: not server.busy(), pause=1)
        took = to_the_first_frame(server, large)
        table.add("4K that is encoded", f"{took:.1f} s", "<= 15 s", took <= 15)
    finally:
        server.stop()


def workers(table, options):
    table.title(f"Workers on this machine, {options.minutes:g} minutes of 480p that are encoded")
    odd = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "25", "-pix_fmt", "yuv444p", "-c:a", "flac"]
    clip = make(options.folder / "odd.mkv", options.minutes * 60, "854x480", *odd)
    took = {count: with_workers(options, clip, count) for count in (1, 2)}
    for count, seconds in took.items():
        table.add(f"whole after, with {count}", f"{seconds:.0f} s")
    table.add("two against one, wall time", f"{took[2] / took[1]:.2f}", "< 1", took[2] < took[1])


def with_workers(options, clip, count):
    folder = options.folder / f"workers-{count}"
    server = Server(folder, environment={"VIDICON__LOG__LEVEL": "warn"}, binary=options.binary).start().log_in()
    begun = []
    try:
        server.api("POST", "/runners/registration-tokens/generate", 204)
        token = server.api("GET", "/runners/registration-tokens", 200).json()["data"][0]["registrationToken"]
        for number in range(count):
            command = [options.binary, "worker", "--server", server.base, "--token", token, "--name", f"w{number}"]
            command += ["--folder", str(folder / f"w{number}"), "--priority", "normal"]
            begun.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        joined = lambda: len(server.api("GET", "/runners", 200).json()["data"]) == count  # noqa: E731
        until("the workers to join", 60, joined)
        started = time.monotonic()
        uuid = server.upload(clip, "parts")["uuid"]

        def whole():
            left = server.transcodes() or server.busy()
            return not left and server.video(uuid)["state"]["id"] == 1

        until("the video to be whole", 7200, whole, pause=0.5)
        return time.monotonic() - started
    finally:
        for process in begun:
            process.kill()
            process.wait()
        server.stop()
