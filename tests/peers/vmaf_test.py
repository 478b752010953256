"""A newer ffmpeg than Debian's, with VMAF in it (PyPI `imageio-ffmpeg` brings a static one): the site makes a video with
it, measures with VMAF, and chooses a ladder for the title by it."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import imageio_ffmpeg

from vidicon import Server, make_clip, play, until

# shorter ones are not tried out
SECONDS = 21
RATE = 12


class VmafTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", "VIDICON__TRANSCODING__PRESET": "ultrafast"}
        self.server = Server(data=self.folder / "site", environment=environment)
        self.addCleanup(self.server.close)
        self.server.start().log_in()

    def test_scores_and_the_ladder_of_a_title_come_from_vmaf(self):
        self.assertIn("libvmaf", self.filters())
        clip = self.folder / "grain.mkv"
        make_grain(clip)
        fixed = self.measured(clip)
        settings = self.server.api("GET", "/config/custom").json()
        settings["transcoding"]["perTitle"]["enabled"] = True
        self.server.api("PUT", "/config/custom", 200, body=settings)
        chosen = self.measured(clip)
        for files in (fixed, chosen):
            self.assertEqual({file["metric"] for file in files}, {"vmaf"})
            self.assertGreater(min(file["score"] for file in files), 80)
            self.assertLess(max(file["score"] for file in files), 100.01)
        # light grain looks as good with far fewer bits
        self.assertLess(sum(file["size"] for file in chosen), sum(file["size"] for file in fixed))
        self.assertTrue(any(file["crf"] and file["crf"] > 23 for file in chosen), chosen)
        for file in chosen:
            self.assertAlmostEqual(file["expectedScore"], file["score"], delta=5, msg=file)

    def filters(self):
        return subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-filters"], capture_output=True, text=True).stdout

    def measured(self, clip):
        video = self.server.wait_published(self.server.upload(clip, "light grain")["uuid"])

        def scored():
            files = self.server.api("GET", f"/videos/{video['uuid']}/quality", 200).json()["data"]
            return files if files and all(file["score"] is not None for file in files) else None

        files = until("the scores", 120, scored)
        played = play(self.server.video(video["uuid"])["streamingPlaylists"][0]["playlistUrl"], "-map", "0:v:0")
        self.assertEqual(played, SECONDS * RATE)
        return files


def make_grain(path):
    picture = f"testsrc2=s=426x240:r={RATE},noise=alls=6:allf=t"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-t", str(SECONDS)]
    command += ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "yuv444p", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    unittest.main()
