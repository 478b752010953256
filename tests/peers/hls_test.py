"""ffmpeg's HLS reader plays every rung of a video from the first to the last frame."""

import re
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from vidicon import Server, make_clip, play

SECONDS, RATE = 5, 25


class HlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        clip = make_clip(Path(cls.folder.name) / "clip.mp4", seconds=SECONDS, size="854x480", rate=RATE)
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.start().log_in()
        cls.video = cls.server.wait_published(cls.server.upload(clip, "Every rung")["uuid"])
        cls.master = cls.video["streamingPlaylists"][0]["playlistUrl"]

    def test_every_rung_plays_whole(self):
        text = self.server.request("GET", self.master).body.decode()
        variants = re.findall(r"#EXT-X-STREAM-INF:([^\n]*)\n([^\n]+)", text)
        self.assertGreaterEqual(len(variants), 2, text)
        for attributes, address in variants:
            with self.subTest(attributes):
                frames = play(urllib.parse.urljoin(self.master, address), "-map", "0:v:0")
                self.assertEqual(frames, SECONDS * RATE)

    def test_the_sound_plays_whole(self):
        text = self.server.request("GET", self.master).body.decode()
        address = re.search(r'#EXT-X-MEDIA:TYPE=AUDIO[^\n]*URI="([^"]+)"', text).group(1)
        play(urllib.parse.urljoin(self.master, address), "-map", "0:a:0")

    def test_the_master_plays_with_sound(self):
        self.assertEqual(play(self.master, "-map", "0:v:0", "-map", "0:a:0"), SECONDS * RATE)

    def test_every_file_of_the_api_is_whole(self):
        files = self.video["streamingPlaylists"][0]["files"]
        self.assertTrue(files)
        for file in files:
            with self.subTest(file["resolution"]["label"]):
                answer = self.server.request("GET", file["fileUrl"])
                self.assertEqual((answer.status, len(answer.body)), (200, file["size"]))
                download = self.server.request("GET", file["fileDownloadUrl"])
                self.assertEqual(download.status, 200)


if __name__ == "__main__":
    unittest.main()
