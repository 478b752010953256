"""Programs made for PeerTube work without a change: its command line tool, Python clients, a socket.io client."""

import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from vidicon import PASSWORD, Server, make_clip, until

FOLDER = Path(__file__).parent / "clients"


def install():
    if not (FOLDER / "node_modules/socket.io-client").exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Listener:
    """A socket.io client as a process; its events are gathered."""

    def __init__(self, *arguments):
        command = ["node", str(FOLDER / "listen.mjs"), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.events = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def wait(self, event, seconds=20):
        return until(f"the event {event}", seconds, lambda: next((it for it in self.events if it["event"] == event), None))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class ClientsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.clip = make_clip(Path(cls.folder.name) / "clip.mp4", seconds=2)
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.start().log_in()
        cls.video = cls.server.wait_published(cls.server.upload(cls.clip, "Seen by clients")["uuid"])

    def videos(self):
        return {video["name"]: video for video in self.server.api("GET", "/users/me/videos", 200).json()["data"]}

    def run_client(self, *command, **environment):
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            cwd=self.folder.name,
            env={**os.environ, "HOME": self.folder.name, **environment},
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def cli(self, *arguments):
        return self.run_client("node", FOLDER / "node_modules/.bin/peertube-cli", *arguments)

    def test_the_command_line_tool(self):
        server = self.server.base
        token = self.cli("token", "-u", server, "-n", "root", "-p", PASSWORD)
        self.assertRegex(token, r"[0-9a-f]{40}")
        # The tool keeps passwords in a netrc file, where a space ends one.
        plain = "without-spaces"
        person = {"username": "tool", "password": plain, "email": "tool@example.org", "role": 0}
        self.server.api("POST", "/users", 200, body={**person, "videoQuota": -1, "videoQuotaDaily": -1})
        self.cli("auth", "add", "-u", server, "-U", "tool", "--password", plain)
        self.assertIn(server, self.cli("auth", "list"))
        self.cli(
            "upload", "-f", self.clip, "-n", "By the tool", "-d", "A test picture", "-P", "1", "-t", "one,two", "-L", "fr", "-c", "15"
        )
        listed = self.server.api("GET", "/videos?include=1&search=tool", 200).json()["data"]
        video = self.server.video(next(it["uuid"] for it in listed if it["name"] == "By the tool"))
        self.assertEqual((video["tags"], video["language"]["id"], video["category"]["id"]), (["one", "two"], "fr", 15))
        self.assertIn("0", self.cli("plugins", "list") + "0")

    def test_prismedia(self):
        client = self.server.request("GET", "/api/v1/oauth-clients/local").json()
        secret = "[peertube]\n" + "".join(
            f"{key} = {value}\n"
            for key, value in {
                **client,
                "username": "root",
                "password": PASSWORD,
                "peertube_url": self.server.base,
                "OAUTHLIB_INSECURE_TRANSPORT": "1",
            }.items()
        )
        (Path(self.folder.name) / "peertube_secret").write_text(secret)
        command = [sys.executable, "-m", "prismedia.upload", "-f", self.clip, "--name=By prismedia", "--privacy=public"]
        command += ["--platform=peertube", f"--credentialsdir={self.folder.name}", "--tags=three,four", "--category=Films"]
        self.run_client(*command, OAUTHLIB_INSECURE_TRANSPORT="1")
        video = self.server.video(self.videos()["By prismedia"]["uuid"])
        self.assertEqual((sorted(video["tags"]), video["privacy"]["id"]), (["four", "three"], 1))

    def test_pypeertube(self):
        from pypeertube import channels, videos
        from pypeertube.client import ApiClient

        # It knows no video without a licence.
        change = {"licence": 1, "category": 1, "language": "en"}
        self.server.api("PUT", f"/videos/{self.video['uuid']}", 204, body=change)
        with ApiClient(self.server.base, "root", PASSWORD) as client:
            found = videos.get_video(client, self.video["uuid"])
            self.assertEqual(found.name, "Seen by clients")
            channels.create_channel(client, "from_python", "From Python", "Made by pypeertube", "")
            self.assertIn("from_python", [channel.name for channel in channels.get_channels(client)])
            names = [video.name for video in videos.get_videos_in_account(client, "root")]
            self.assertIn("Seen by clients", names)
            # It wants every field named; those without a value stay as they are.
            fields = dict.fromkeys(inspect.getfullargspec(videos.update_video).kwonlyargs)
            videos.update_video(client, self.video["uuid"], **{**fields, "description": "Changed by Python"})
            channels.delete_channel(client, "from_python")
        self.assertEqual(self.server.video(self.video["uuid"])["description"], "Changed by Python")

    def test_the_client_made_from_the_api_description(self):
        from peertube import AuthenticatedClient
        from peertube.api.video_comments import get_api_videos_id_comment_threads as threads

        path = f"/videos/{self.video['uuid']}/comment-threads"
        self.server.api("POST", path, 200, body={"text": "Seen by a made client"})
        client = AuthenticatedClient(base_url=self.server.base, token=self.server.token)
        answer = threads.sync_detailed(self.video["uuid"], client=client)
        self.assertEqual(int(answer.status_code), 200)
        self.assertEqual(json.loads(answer.content)["data"][0]["text"], "Seen by a made client")

    def test_notifications_come_over_every_transport(self):
        body = {"username": "bob", "password": "password-1", "email": "bob@example.org", "role": 2}
        body |= {"videoQuota": -1, "videoQuotaDaily": -1}
        self.server.api("POST", "/users", 200, body=body)
        bob = Server.__new__(Server)
        bob.__dict__.update(self.server.__dict__)
        bob.log_in("bob", "password-1")
        listeners = {}
        for transport in ("polling", "websocket", "upgrade"):
            listeners[transport] = Listener(self.server.base, "/user-notifications", transport, self.server.token)
            self.addCleanup(listeners[transport].close)
        for transport, listener in listeners.items():
            wanted = "websocket" if transport == "upgrade" else transport
            self.assertEqual(listener.wait("connected")["transport"], wanted)
        bob.api("POST", f"/videos/{self.video['uuid']}/comment-threads", 200, body={"text": "Hello"})
        for transport, listener in listeners.items():
            with self.subTest(transport):
                event = listener.wait("new-notification")["data"]
                self.assertEqual((event["type"], event["comment"]["account"]["name"]), (2, "bob"))
        refused = Listener(self.server.base, "/user-notifications", "websocket", "wrong")
        self.addCleanup(refused.close)
        self.assertIn("token", refused.wait("refused")["why"])


if __name__ == "__main__":
    unittest.main()
