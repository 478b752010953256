"""Bytes that a ladder chosen for each title saves against the fixed one, and what it does to the score.

Alone: bench/title.py [clip ...]: with the files of one's own instead of the synthetic ones."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/peers")]

from vidicon import Server, until  # noqa: E402

SECONDS = 24
SIZE = "854x480"
BOX = "drawbox=x='mod(t*90,700)':y=120:w=120:h=200:color=0xe0b040:t=fill"
CLIPS = {
    "grain": f"testsrc2=s={SIZE}:r=25,noise=alls=20:allf=t",
    "light grain": f"testsrc2=s={SIZE}:r=25,noise=alls=6:allf=t",
    "flat drawing": f"color=0x305080:s={SIZE}:r=25,{BOX}",
    "gradients": f"gradients=s={SIZE}:r=25:speed=0.02:c0=0x203060:c1=0xe0a040",
    "mandelbrot": f"mandelbrot=s={SIZE}:r=25",
}


def make(lavfi, path):
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", lavfi, "-t", str(SECONDS)]
    command += ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "yuv444p", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def repeat(clip, path):
    """A clip of one's own, lossless and as often as it takes to be long enough."""
    command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(clip), "-t", str(SECONDS), "-an"]
    command += ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "yuv444p", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def measured(server, source, name):
    """The renditions of a video by their size, when all is done."""
    uuid = server.upload(source, name)["uuid"]
    path = f"/videos/{uuid}/quality"

    def done():
        data = server.api("GET", path).json()["data"]
        return data if data and all(file["score"] is not None for file in data) else None

    return {file["resolution"]: file for file in until("the renditions", 900, done, 1)}


def per_title(table, options):
    table.title(f"Per-title ladder against the fixed one, {SECONDS} s clips")
    folder = Path(options.folder)
    sources = {}
    for name, lavfi in CLIPS.items() if not options.clips else ():
        sources[name] = folder / f"{name.replace(' ', '-')}.mp4"
        make(lavfi, sources[name])
    for clip in options.clips:
        sources[Path(clip).stem] = folder / f"{Path(clip).stem}.mp4"
        repeat(clip, sources[Path(clip).stem])
    server = Server(folder / "title-data", environment={"VIDICON__LOG__LEVEL": "warn"}, binary=options.binary)
    server.start().log_in()
    try:
        compare(table, server, sources)
    finally:
        server.stop()


def compare(table, server, sources):
    results = []
    for is_on in (False, True):
        settings = server.api("GET", "/config/custom").json()
        settings["transcoding"]["perTitle"]["enabled"] = is_on
        settings["transcoding"]["webVideos"]["enabled"] = False
        server.api("PUT", "/config/custom", 200, body=settings)
        results.append({name: measured(server, source, name) for name, source in sources.items()})
    fixed, chosen = results
    bytes_of = lambda files: sum(file["size"] for file in files.values())  # noqa: E731
    drops = []
    for name in sources:
        rows = [(fixed[name][size], chosen[name][size]) for size in fixed[name]]
        saved = 1 - bytes_of(chosen[name]) / bytes_of(fixed[name])
        drop = max(old["score"] - new["score"] for old, new in rows)
        drops.append(drop)
        scores = f"{min(old['score'] for old, _ in rows):.1f} to {min(new['score'] for _, new in rows):.1f}"
        crfs = " ".join(str(new["crf"] or 23) for _, new in rows)
        said = f"{saved:.1%} of {bytes_of(fixed[name]):,} bytes"
        table.add(f"{name}: saved", f"{said}; lowest score {scores}; qualities {crfs}")
    old, new = (sum(bytes_of(files) for files in result.values()) for result in results)
    metric = next(iter(next(iter(fixed.values())).values()))["metric"]
    table.add("all: bytes saved", f"{1 - new / old:.1%}", "> 0 %", new < old)
    table.add(f"largest drop of a rendition ({metric})", f"{max(drops):.2f} points")


class Lines:
    """A table that prints as it grows."""

    def title(self, text):
        print(text)

    def add(self, what, value, target="", is_met=True):
        print(f"{what} | {value} | {target} | {'' if is_met else 'not met'}", flush=True)


class Options:
    binary = ROOT / "target/debug/vidicon"
    clips = sys.argv[1:]
    folder = ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vidicon-title-") as place:
        Options.folder = place
        per_title(Lines(), Options)
