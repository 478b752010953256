#!/usr/bin/env python3
"""Twenty random kill -9 of the server and of its workers, while a long source is made into renditions on an S3 server.

Each is started again at once. In the end every rendition is whole and frame-exact: as many frames as one ffmpeg run
makes of the source, at the same times, and each of them shows what the source shows there. `make test-kills` runs it;
TEST_S3_ENDPOINT names the server (and TEST_S3_KEY, TEST_S3_SECRET, TEST_S3_REGION who may use it).
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from vidicon import BINARY, Server, bucket_environment, until  # noqa: E402

RATE = 25
NAMES = ("attic", "cellar")
SIZES = {180: "320x180", 144: "256x144"}
# two pictures of the same source, encoded twice, are more alike than this; one of another moment is not
ALIKE = 0.9


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="length of the source")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, choices=(1, 2), default=1)
    parser.add_argument("--preset", default="medium", help="of libx264; a slower one leaves more time for kills")
    parser.add_argument("--longest", type=float, default=8, help="seconds between two kills at the most")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--patience", type=int, default=1800, help="seconds for the rest after the last kill")
    return parser.parse_args()


def storage():
    if not os.environ.get("TEST_S3_ENDPOINT"):
        sys.exit("TEST_S3_ENDPOINT names no S3 server; `make test-kills` starts one")
    return bucket_environment("kills")


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def make_source(path, seconds):
    """4:4:4 and FLAC, so that nothing is copied."""
    picture, tone = f"testsrc2=size=320x180:rate={RATE}", "sine=frequency=440:sample_rate=48000"
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-t", seconds, "-c:a", "flac",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv444p", path)


def times(address):
    """The time of each frame in milliseconds, in order."""
    shown = run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", address)
    found = [float(line.strip(",")) for line in shown.split() if line.strip(",") not in ("", "N/A")]
    return [round(at * 1000) for at in sorted(found)]


class Worker:
    def __init__(self, folder, server, name):
        self.folder, self.server, self.name, self.process = folder, server, name, None

    def start(self, token=None):
        command = [BINARY, "worker", "--server", self.server.base, "--name", self.name, "--priority", "normal"]
        command += ["--folder", str(self.folder / self.name)] + (["--token", token] if token else [])
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Kills:
    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, folder
        self.random = random.Random(chosen.seed)
        environment = {
            **storage(),
            "VIDICON__TRANSCODING__PRESET": chosen.preset,
            "VIDICON__TRANSCODING__WORKER_PATIENCE_S": "10",
            "VIDICON__LIMITS__API": "1000000",
        }
        self.server = Server(data=folder / "site", environment=environment)
        self.workers = {name: Worker(folder, self.server, name) for name in NAMES[: chosen.workers]}
        self.killed = dict.fromkeys(("server", *self.workers), 0)

    def begin(self, source):
        self.server.start().log_in()
        settings = self.server.api("GET", "/config/custom", 200).json()
        settings["transcoding"]["resolutions"]["144p"] = True
        self.server.api("PUT", "/config/custom", 200, body=settings)
        self.server.api("POST", "/runners/registration-tokens/generate", 204)
        tokens = self.server.api("GET", "/runners/registration-tokens", 200).json()["data"]
        for worker in self.workers.values():
            worker.start(tokens[0]["registrationToken"])
        joined = lambda: self.server.api("GET", "/runners", 200).json()["total"]
        until("the workers to join", 60, lambda: joined() == len(self.workers))
        self.uuid = self.server.upload(source, "killed twenty times")["uuid"]

    def is_whole(self):
        unended = ("waiting", "active", "delayed")
        jobs = [job["type"] for state in unended for job in self.server.jobs(state)]
        return "video-transcoding" not in jobs and self.server.video(self.uuid)["state"]["id"] == 1

    def kill_one(self, number):
        time.sleep(self.random.uniform(0.3, self.chosen.longest))
        if self.is_whole():
            sys.exit(f"it was whole after {number} kills: choose a slower --preset or a longer source")
        who = self.random.choice(("server", *self.workers))
        self.killed[who] += 1
        if who == "server":
            self.server.kill()
            self.server.start()
        else:
            self.workers[who].kill()
            self.workers[who].start()

    def wait(self):
        until("the video to be whole", self.chosen.patience, self.is_whole, pause=1)
        failed = [(job["type"], job.get("error")) for job in self.server.jobs("failed")]
        assert not failed, failed

    def check(self, source):
        files = self.server.video(self.uuid)["streamingPlaylists"][0]["files"]
        pictures = {file["resolution"]["id"]: file for file in files if file["resolution"]["id"] > 0}
        assert sorted(pictures) == sorted(SIZES), sorted(pictures)
        for height, size in SIZES.items():
            whole = self.folder / f"one-pass-{height}.mp4"
            run("ffmpeg", "-v", "error", "-y", "-i", source, "-an", "-vf", f"fps={RATE},scale={size.replace('x', ':')}:flags=bicubic",
                "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", whole)
            address = pictures[height]["fileUrl"]
            wanted, found = times(whole), times(address)
            assert len(found) == self.chosen.seconds * RATE, (height, len(found))
            assert len(found) == len(wanted), (height, len(found), len(wanted))
            late = max(abs(a - b) for a, b in zip(found, wanted))
            assert late <= 1, f"a frame of {height}p is {late} ms off"
            least = self.least_likeness(address, whole)
            assert least > ALIKE, f"a frame of {height}p shows something else: SSIM {least:.3f}"
            print(f"{height}p: {len(found)} frames, none more than {late} ms off one pass, least like it: SSIM {least:.3f}", flush=True)
        sound = next(file for file in files if file["resolution"]["id"] == 0)
        heard = float(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", sound["fileUrl"]))
        assert abs(heard - self.chosen.seconds) < 0.1, f"the sound has {heard} s"
        print(f"sound: {heard:.2f} s", flush=True)

    def least_likeness(self, address, whole):
        """Frame by frame."""
        lined_up = "[0:v:0]settb=1/1000,setpts=N[a];[1:v:0]settb=1/1000,setpts=N[b];[a][b]ssim=stats_file=-:shortest=1"
        said = run("ffmpeg", "-v", "error", "-nostdin", "-i", address, "-i", whole, "-lavfi", lined_up, "-f", "null", "-")
        scores = [float(score) for score in re.findall(r" All:([0-9.]+)", said)]
        assert len(scores) == self.chosen.seconds * RATE, len(scores)
        return min(scores)

    def end(self):
        for worker in self.workers.values():
            if worker.process:
                worker.kill()
        self.server.stop()


def main():
    chosen = options()
    print(f"seed {chosen.seed}, a source of {chosen.seconds} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="vidicon-kills-") as folder:
        folder = Path(folder)
        source = folder / "source.mkv"
        make_source(source, chosen.seconds)
        kills = Kills(chosen, folder)
        started = time.monotonic()
        try:
            kills.begin(source)
            for number in range(chosen.kills):
                kills.kill_one(number)
            print(f"{chosen.kills} kills: {kills.killed}, after {time.monotonic() - started:.0f} s", flush=True)
            kills.wait()
            print(f"whole after {time.monotonic() - started:.0f} s", flush=True)
            kills.check(source)
        except BaseException:
            for log in ("site/server.log", *(f"{name}.log" for name in NAMES)):
                path = folder / log
                if path.exists():
                    print(f"--- {log}\n{path.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            kills.end()
    print("kills: all renditions are whole and frame-exact")


if __name__ == "__main__":
    main()
