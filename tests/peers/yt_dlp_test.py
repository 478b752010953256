"""yt-dlp finds a video by its page, its embed and its name, and downloads it."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tls import TlsProxy
from vidicon import Server, make_clip, probe

HOST = "video.test"


class YtDlpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        clip = make_clip(Path(cls.folder.name) / "clip.mp4", seconds=4)
        cls.server = Server(public_url=f"https://{HOST}")
        cls.addClassCleanup(cls.server.close)
        cls.server.start().log_in()
        video = cls.server.upload(clip, "Found by yt-dlp", description="A test picture.")
        cls.video = cls.server.wait_published(video["uuid"])

    def download(self, address):
        out = Path(tempfile.mkdtemp(dir=self.folder.name))
        with TlsProxy(self.folder.name, HOST, self.server.port) as proxy:
            command = [sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-check-certificates", "--no-progress"]
            command += ["--proxy", proxy.address, "--write-info-json", "-o", "%(title)s.%(ext)s", "-P", str(out), address]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "no_proxy": ""})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        found = [path for path in out.iterdir() if path.suffix != ".json"]
        self.assertEqual(len(found), 1, done.stdout)
        self.assertEqual(found[0].stem, "Found by yt-dlp")
        kinds = {stream["codec_type"] for stream in probe(found[0])["streams"]}
        self.assertEqual(kinds, {"video", "audio"})
        self.assertAlmostEqual(float(probe(found[0])["format"]["duration"]), 4, delta=0.3)

    def test_by_its_page(self):
        self.download(f"https://{HOST}/w/{self.video['shortUUID']}")

    def test_by_its_embed(self):
        self.download(f"https://{HOST}/videos/embed/{self.video['uuid']}")

    def test_by_its_name(self):
        self.download(f"peertube:{HOST}:{self.video['uuid']}")


if __name__ == "__main__":
    unittest.main()
