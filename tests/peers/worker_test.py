"""Workers on other machines (`vidicon worker`): they take parts of a video, one is killed, another one lies. The video
becomes whole all the same, with every frame."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from vidicon import BINARY, Server, until

SECONDS = 70
RATE = 25


class WorkerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.server = Server(
            data=self.folder / "site",
            environment={
                "VIDICON__TRANSCODING__WORKER_PATIENCE_S": "10",
                "VIDICON__TRANSCODING__PRESET": "ultrafast",
                "VIDICON__LIMITS__API": "100000",
            },
        )
        self.addCleanup(self.server.close)
        self.server.start().log_in()
        self.workers = {}
        self.addCleanup(self.end_workers)

    def registration_token(self):
        self.server.api("POST", "/runners/registration-tokens/generate", 204)
        return self.server.api("GET", "/runners/registration-tokens", 200).json()["data"][0]["registrationToken"]

    def start_worker(self, name, token=None):
        command = [BINARY, "worker", "--server", self.server.base, "--name", name, "--priority", "normal"]
        command += ["--folder", str(self.folder / name)]
        command += ["--token", token] if token else []
        log = open(self.folder / f"{name}.log", "ab")
        self.addCleanup(log.close)
        self.workers[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until(f"{name} to join", 30, lambda: self.runner(name))

    def end_workers(self):
        for process in self.workers.values():
            process.kill()
            process.wait()

    def runner(self, name):
        runners = self.server.api("GET", "/runners", 200).json()["data"]
        return next((runner for runner in runners if runner["name"] == name and runner["encoders"]), None)

    def parts(self):
        jobs = self.server.api("GET", "/runners/jobs?count=100", 200).json()["data"]
        return [job for job in jobs if job["type"] == "vidicon-part"]

    def wait_whole(self, uuid):
        """Until nothing is left to transcode; a job that waits for workers has a time of its own."""

        def whole():
            left = self.server.transcodes() or self.server.busy()
            return not left and self.server.video(uuid)["state"]["id"] == 1

        until("the video to be whole", 300, whole, pause=0.5)

    def frames(self, uuid):
        """Frames of each rendition, by decoding all of it."""
        video = self.server.api("GET", f"/videos/{uuid}", 200).json()
        counted = {}
        for file in video["streamingPlaylists"][0]["files"]:
            if file["resolution"]["id"] == 0:
                continue
            command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-of", "csv=p=0"]
            command += ["-show_entries", "stream=nb_read_frames", file["fileUrl"]]
            seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            counted[file["resolution"]["id"]] = int(seen.strip().strip(","))
        return counted

    def test_parts_are_made_elsewhere_and_a_killed_worker_costs_nothing(self):
        token = self.registration_token()
        for name in ("laptop", "tower"):
            self.start_worker(name, token)
        # 4:4:4 and FLAC, so that nothing is copied
        odd = self.folder / "odd.mkv"
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=426x240:rate={RATE}"]
        command += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(SECONDS), "-c:a", "flac"]
        command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", odd]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        uuid = self.server.upload(odd, "made elsewhere")["uuid"]

        def busy():
            return next((job for job in self.parts() if job["state"]["id"] == 2 and job["runner"]), None)

        job = until("a worker to take a part", 60, busy)
        victim = job["runner"]["name"]
        self.workers[victim].kill()
        self.workers[victim].wait()
        self.wait_whole(uuid)
        counted = self.frames(uuid)
        self.assertEqual(set(counted.values()), {SECONDS * RATE}, counted)
        self.assertEqual(self.server.jobs("failed"), [])
        done = [job for job in self.parts() if job["state"]["id"] == 3]
        self.assertGreaterEqual(len(done), 2, "workers made most parts")
        survivor = next(name for name in self.workers if name != victim)
        self.assertGreater(self.runner(survivor)["trust"], 50)
        self.assertFalse(any((self.folder / "site/storage/uploads/parts").glob("*/*")), "results are put away")

        # it comes back with the login that it has
        self.start_worker(victim)
        log = self.folder / f"{victim}.log"
        until("it to be back", 30, lambda: log.read_text().count("This worker serves") == 2)
        self.workers[victim].terminate()
        self.assertEqual(self.workers[victim].wait(20), 0)

    def test_a_worker_that_lies_is_refused_and_the_site_does_it_itself(self):
        token = self.registration_token()
        body = {"registrationToken": token, "name": "liar", "version": "1"}
        runner = self.server.api("POST", "/runners/register", 200, body=body).json()["runnerToken"]
        ask = {"runnerToken": runner, "jobTypes": ["vidicon-part"], "encoders": ["libx264"]}

        def offered():
            return self.server.api("POST", "/runners/jobs/request", 200, body=ask).json()["availableJobs"]

        offered()
        clip = self.folder / "clip.mkv"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=426x240:rate={RATE}:duration=10"]
            + ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", clip], check=True)
        uuid = self.server.upload(clip, "lied about")["uuid"]
        refused = 0
        while refused < 2:
            job = until("a part to be offered", 60, offered)[0]
            place = f"/runners/jobs/{job['uuid']}"
            held = self.server.api("POST", f"{place}/accept", 200, body={"runnerToken": runner}).json()["job"]
            plan = held["payload"]["plan"]
            for rung in plan["rungs"]:
                self.forge(plan, rung, held["places"]["results"][str(rung["resolution"])])
            tokens = {"runnerToken": runner, "jobToken": held["jobToken"]}
            self.server.api("POST", f"{place}/success", 204, body=tokens)
            refused += 1
            until("the lie to be seen", 60, lambda: self.trust() == 50 - 25 * refused)
        self.assertEqual(offered(), [], "nothing is given to it any more")
        self.wait_whole(uuid)
        self.assertEqual(set(self.frames(uuid).values()), {10 * RATE})

    def trust(self):
        return self.server.api("GET", "/runners", 200).json()["data"][0]["trust"]

    def forge(self, plan, rung, url):
        """The right form, the right number of frames, another picture."""
        part, out = plan["chunks"][0], self.folder / "forged.mp4"
        size, gop = f"{rung['width']}x{rung['height']}", str(plan["gop"])
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"mandelbrot=size={size}:rate={RATE}"]
        command += ["-frames:v", str(part["frames"]), "-map_metadata", "-1", "-c:v", "libx264", "-preset", "ultrafast"]
        command += ["-crf", "23", "-maxrate", f"{rung['max_kbits']}k", "-bufsize", f"{2 * rung['max_kbits']}k"]
        command += ["-profile:v", "high", "-threads", "2", "-pix_fmt", "yuv420p", "-g", gop, "-keyint_min", gop]
        command += ["-sc_threshold", "0", "-flags", "+cgop", "-video_track_timescale", str(RATE * 512)]
        command += ["-movflags", "+frag_keyframe+delay_moov+default_base_moof+skip_trailer", "-f", "mp4", out]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        answer = self.server.request("PUT", url.replace(self.server.base, ""), out.read_bytes())
        self.assertEqual(answer.status, 204, answer.body)
        self.assertEqual(os.path.getsize(out) > 1000, True)


if __name__ == "__main__":
    unittest.main()
