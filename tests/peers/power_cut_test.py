"""Twenty power cuts at random points of upload, transcode, publish and delete.

Afterwards every video is whole or cleanly absent, what was acknowledged is there, and every job has ended.
POWER_CUT_SEED repeats a run's points, as far as a machine repeats itself."""

import os
import random
import sqlite3
import tempfile
import threading
import time
import unittest
from pathlib import Path

from vidicon import Server, make_clip, play, until

ROUNDS = 20
PIECE = 64 * 1024
ACTS = ("upload", "resumable", "transcode", "publish", "delete")


class PowerCutTest(unittest.TestCase):
    def setUp(self):
        seed = int(os.environ.get("POWER_CUT_SEED") or random.SystemRandom().randrange(1_000_000))
        print(f"POWER_CUT_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.clip = make_clip(Path(folder.name) / "clip.mp4", seconds=6, size="640x360")
        self.server = Server(database=os.environ.get("POWER_CUT_DATABASE"))
        self.addCleanup(self.server.close)
        # uuids that the server acknowledged, to be deleted, and acknowledged as deleted
        self.there, self.going, self.gone = set(), set(), set()
        self.open_uploads = []

    def test_no_power_cut_leaves_half_a_video(self):
        self.server.start().log_in()
        started = time.monotonic()
        self.there.add(self.server.upload(self.clip, "before the first cut")["uuid"])
        self.server.wait_published(next(iter(self.there)))
        self.usual = time.monotonic() - started
        for number in range(ROUNDS):
            self.cut(ACTS[number % len(ACTS)], number)
        self.finish_uploads()
        self.wait_for_jobs()
        self.check_videos()
        self.check_folder()

    def cut(self, act, number):
        """Begins the act, and cuts the power at a random moment of it."""
        if act in ("transcode", "publish"):
            self.there.add(self.server.upload(self.clip, f"{act} {number}")["uuid"])
        # a kill early in the act, or for `publish` about when the video becomes watchable
        span = {"upload": 0.15, "resumable": 0.3, "transcode": self.usual, "publish": self.usual, "delete": 0.05}[act]
        first = span / 2 if act == "publish" else 0
        delay = self.random.uniform(first, span)
        worker = threading.Thread(target=self.act, args=(act, number), daemon=True)
        worker.start()
        time.sleep(delay)
        self.server.kill()
        worker.join(30)
        self.server.start().log_in()

    def act(self, act, number):
        try:
            if act == "upload":
                self.there.add(self.server.upload(self.clip, f"upload {number}")["uuid"])
            elif act == "resumable":
                location = self.server.upload_start(self.clip, f"resumable {number}")
                self.open_uploads.append(location)
                self.send_rest(location)
            elif act == "delete" and self.there - self.going:
                uuid = self.random.choice(sorted(self.there - self.going))
                self.going.add(uuid)
                self.server.api("DELETE", f"/videos/{uuid}", 204)
                self.gone.add(uuid)
        except (OSError, EOFError, AssertionError, ValueError) as error:
            # the cut came while the request was under way; anything else shows in the checks
            if self.server.process.poll() is None and not isinstance(error, (OSError, EOFError)):
                print(f"{act} {number}: {error}", flush=True)
        except Exception as error:  # http.client has errors of its own for a torn connection
            print(f"{act} {number}: {type(error).__name__}", flush=True)

    def send_rest(self, location):
        size = self.clip.stat().st_size
        position = self.server.upload_position(location, size)
        while position is not None:
            answer = self.server.upload_piece(location, self.clip, position, PIECE)
            if answer.status == 200:
                self.there.add(answer.json()["video"]["uuid"])
                return
            self.assertEqual(answer.status, 308, answer.body[:300])
            position = min(position + PIECE, size)

    def finish_uploads(self):
        """An upload that was open at a cut goes on where the server says; one that had ended is not asked for."""
        for location in self.open_uploads:
            self.send_rest(location)

    def wait_for_jobs(self):
        # Files that others may still be reading go later, at a time that is set.
        def unended():
            jobs = [job for state in ("waiting", "active", "delayed") for job in self.server.jobs(state)]
            return [job for job in jobs if (job["type"], job["state"]) != ("drop_files", "delayed")]

        try:
            until("every job to end", 240, lambda: not unended(), pause=0.5)
        except AssertionError as error:
            left = [(job["type"], job["state"]) for job in unended()]
            raise AssertionError(f"{error}: {left}") from None
        failed = self.server.jobs("failed")
        self.assertEqual([], [(job["type"], job.get("error")) for job in failed])

    def check_videos(self):
        self.videos = {video["uuid"]: video for video in self.all_videos()}
        lost = self.there - self.going - set(self.videos)
        self.assertEqual(lost, set(), "acknowledged and then lost")
        self.assertEqual(self.gone & set(self.videos), set(), "deleted and there again")
        for uuid in self.going - set(self.videos):
            self.assertEqual(self.server.api("GET", f"/videos/{uuid}").status, 404)
        for uuid in self.videos:
            with self.subTest(uuid):
                self.check_whole(self.server.video(uuid))

    def all_videos(self):
        return self.server.api("GET", "/users/me/videos?count=100", 200).json()["data"]

    def check_whole(self, video):
        self.assertEqual(video["state"]["id"], 1, video["name"])
        for picture in ("thumbnailPath", "previewPath"):
            self.assertEqual(self.server.request("GET", video[picture]).status, 200)
        self.assertEqual(play(video["streamingPlaylists"][0]["playlistUrl"], "-map", "0:v:0"), 150, video["name"])
        for file in video["streamingPlaylists"][0]["files"]:
            answer = self.server.request("GET", file["fileUrl"])
            self.assertEqual((answer.status, len(answer.body)), (200, file["size"]), video["name"])

    def check_folder(self):
        """No file on disk belongs to a video that is gone, and the database is sound."""
        self.server.stop()
        left = [
            str(path.relative_to(self.server.data))
            for uuid in self.going - set(self.videos)
            for path in self.server.data.rglob(f"*{uuid}*")
        ]
        self.assertEqual(left, [], "files of deleted videos")
        for path in self.server.data.glob("*.db"):
            if path.read_bytes()[:15] == b"SQLite format 3":
                with sqlite3.connect(path) as database:
                    self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))


if __name__ == "__main__":
    unittest.main()
