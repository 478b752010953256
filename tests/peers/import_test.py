"""Imports with the real yt-dlp: out of a page, a whole list, and nothing that is private."""

import http.server
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from vidicon import Server, make_clip, until

PAGE = """<!doctype html><html><head><title>By the sea</title>
<meta property="og:title" content="By the sea"><meta property="og:description" content="A walk on the sand">
</head><body><h1>By the sea</h1><video controls><source src="/media/clip.mp4" type="video/mp4"></video></body></html>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class ImportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        root = Path(cls.folder.name)
        (root / "media").mkdir()
        make_clip(root / "media" / "clip.mp4", seconds=2)
        (root / "walk.html").write_text(PAGE)
        handler = lambda *args: Quiet(*args, directory=cls.folder.name)
        cls.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=cls.web.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.web.shutdown)
        tool = root / "yt-dlp"
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m yt_dlp "$@"\n')
        tool.chmod(0o700)
        cls.tool = str(tool)

    def server(self, allow_private):
        environment = {
            "VIDICON__IMPORT__YT_DLP": self.tool,
            "VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES": str(allow_private).lower(),
        }
        server = Server(environment=environment)
        self.addCleanup(server.close)
        server.start().log_in()
        settings = server.api("GET", "/config/custom", 200).json()
        settings["import"]["videos"]["http"]["enabled"] = True
        server.api("PUT", "/config/custom", 200, body=settings)
        return server

    def test_a_page_becomes_a_video(self):
        server = self.server(True)
        address = f"http://127.0.0.1:{self.web.server_address[1]}/walk.html"
        body = {"targetUrl": address, "channelId": server.channel(), "privacy": 1}
        begun = server.api("POST", "/videos/imports", 200, body=body).json()

        def ended():
            found = server.api("GET", "/users/me/videos/imports", 200).json()["data"][0]
            return found if found["state"]["id"] in (2, 3) else None

        done = until("the import to end", 300, ended, pause=0.3)
        self.assertEqual(done["state"]["id"], 2, done["error"])
        video = server.wait_published(begun["video"]["uuid"])
        self.assertIn("By the sea", video["name"])
        self.assertEqual(video["duration"], 2)

    def test_the_guard_refuses_what_is_private(self):
        server = self.server(False)
        address = f"https://127.0.0.1:{self.web.server_address[1]}/walk.html"
        body = {"targetUrl": address, "channelId": server.channel()}
        server.api("POST", "/videos/imports", 403, body=body)


if __name__ == "__main__":
    unittest.main()
