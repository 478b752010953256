"""Several machines on one PostgreSQL and one bucket: three nodes that answer and two that only work. Each is
killed in turn during uploads, transcodes and deliveries to another server; nothing is lost, and what one knows all know."""

import os
import tempfile
import time
import unittest
from pathlib import Path

from clients_test import Listener, install
from vidicon import Server, bucket_environment, fresh_database, make_clip, until

PIECE = 64 * 1024


@unittest.skipUnless(
    os.environ.get("TEST_POSTGRES_URL") and os.environ.get("TEST_S3_ENDPOINT"),
    "several nodes need PostgreSQL and a bucket: tests/postgres.sh crates/base/tests/peers/with-moto",
)
class NodesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.database = fresh_database()
        self.nodes = [self.node(name, works=False) for name in ("one", "two", "three")]
        self.workers = [self.node(name, works=True) for name in ("worker-1", "worker-2")]
        self.host = f"127.0.0.1:{self.nodes[0].port}"
        for server in self.nodes + self.workers:
            server.public_url = f"http://{self.host}"
        self.nodes[0].start()
        for server in self.nodes[1:] + self.workers:
            server.start()
        token = self.nodes[0].log_in().token
        for server in self.nodes + self.workers:
            server.token = token

    def node(self, name, works):
        server = Server(
            data=self.folder / name,
            database=self.database,
            environment={
                "VIDICON__SERVER__NODE": name,
                **bucket_environment(self.folder.name),
                "VIDICON__TRANSCODING__ENABLED": "true" if works else "false",
                "VIDICON__SECRETS__KEYS": f'["{"ab" * 32}"]',
                "VIDICON__LIMITS__API": "100000",
                "VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES": "true",
            },
        )
        self.addCleanup(server.close)
        return server

    def follower(self):
        """Another server, which follows the channel of root."""
        environment = {"VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES": "true", "VIDICON__TRANSCODING__ENABLED": "false"}
        server = Server(environment=environment)
        self.addCleanup(server.close)
        server.start().log_in()
        server.api("POST", "/users/me/subscriptions", 204, body={"uri": f"root_channel@{self.host}"})
        followers = "/video-channels/root_channel/followers"
        until("the follow", 60, lambda: self.nodes[1].api("GET", followers, 200).json()["total"] == 1, pause=0.3)
        return server

    def listener(self, server):
        """A program that listens for root's notifications at this node."""
        install()
        listener = Listener(server.base, "/user-notifications", "websocket", server.token)
        self.addCleanup(listener.close)
        listener.wait("connected")
        return listener

    def restart(self, server):
        server.kill()
        time.sleep(0.2)
        server.start()

    def test_every_node_knows_the_same_and_none_is_needed(self):
        one, two, three = self.nodes
        # a session of one node is good at all of them, and its end too
        for server in self.nodes:
            self.assertEqual(server.api("GET", "/users/me", 200).json()["username"], "root")
        follower = self.follower()
        clip = make_clip(self.folder / "clip.mp4", seconds=8, size="640x360")
        size = os.path.getsize(clip)
        videos = []
        for turn, server in enumerate(self.nodes):
            video = server.upload(clip, f"at node {turn}")["uuid"]
            videos.append(video)
            # kill the node that took it, and then a worker that may be at it
            self.restart(server)
            self.restart(self.workers[turn % 2])
        # an upload in pieces goes on at its node after a kill
        place = two.upload_start(clip, "in pieces")
        two.upload_piece(place, clip, 0, PIECE)
        self.restart(two)
        position = two.upload_position(place, size)
        answer = None
        while position is not None and position < size:
            answer = two.upload_piece(place, clip, position, PIECE)
            position = two.upload_position(place, size) if answer.status == 308 else None
        self.assertEqual(answer.status, 200, answer.body[:300])
        videos.append(answer.json()["video"]["uuid"])
        for video in videos:
            ready = three.wait_published(video, 300)
            files = ready["streamingPlaylists"][0]["files"]
            self.assertGreater(len(files), 0)
        self.assertEqual(three.jobs("failed"), [])
        there = until(
            "all videos at the follower", 120,
            lambda: (found := follower.api("GET", "/videos?isLocal=false&count=100", 200).json())["total"] >= len(videos) and found,
            pause=0.5,
        )
        self.assertEqual(sorted(video["uuid"] for video in there["data"]), sorted(videos))
        # what happens at one node is told at once to those who listen at another
        listener = self.listener(three)
        body = {"username": "bob", "password": "password-1", "email": "bob@example.org", "role": 2}
        one.api("POST", "/users", 200, body={**body, "videoQuota": -1, "videoQuotaDaily": -1})
        bob = Server.__new__(Server)
        bob.__dict__.update(two.__dict__)
        bob.log_in("bob", "password-1")
        bob.api("POST", f"/videos/{videos[0]}/comment-threads", 200, body={"text": "Hello"})
        self.assertEqual(listener.wait("new-notification")["data"]["comment"]["account"]["name"], "bob")
        # one node's settings are seen by the others
        settings = one.api("GET", "/config/custom", 200).json()
        settings["instance"]["name"] = "Seen everywhere"
        one.api("PUT", "/config/custom", 200, body=settings)
        until(
            "the new name at another node", 60,
            lambda: three.api("GET", "/config", 200).json()["instance"]["name"] == "Seen everywhere",
            pause=1,
        )
        # regular work was added once for each span, not once by each node
        tidy = [job for job in one.jobs("completed") if job["type"] == "tidy"]
        self.assertLessEqual(len(tidy), 2)

    def test_failed_logins_count_for_all_nodes_together(self):
        refused = 0
        for turn in range(80):
            server = self.nodes[turn % 3]
            client = server.request("GET", "/api/v1/oauth-clients/local").json()
            form = f"client_id={client['client_id']}&client_secret={client['client_secret']}"
            form += "&grant_type=password&username=somebody&password=wrong"
            headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": f"203.0.113.{turn}"}
            answer = server.request("POST", "/api/v1/users/token", form.encode(), headers)
            refused += answer.status == 429
        self.assertEqual(refused, 80 - 60)


if __name__ == "__main__":
    unittest.main()
