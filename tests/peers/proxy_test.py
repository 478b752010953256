"""The sample configurations with Debian's nginx and Caddy: pages, ranges, uploads in pieces, sockets, and the real
address of a visitor, who cannot make one up."""

import base64
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from tls import make_certificate
from vidicon import ROOT, Server, free_port, make_clip, until

HOST = "video.example.org"


class ProxyTest:
    """What holds with every proxy. `start` writes the proxy's configuration out of the sample and starts it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.port, self.secure = free_port(), free_port()
        self.server = Server(
            public_url=f"https://{HOST}", environment={"VIDICON__SERVER__TRUSTED_PROXIES": '["127.0.0.1"]'}
        )
        self.addCleanup(self.server.close)
        self.server.start()
        process = self.start(*make_certificate(self.folder, HOST))
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        until("the proxy to answer", 20, self.answers)
        token = self.server.log_in().token
        self.headers = {"Authorization": f"Bearer {token}"}

    def sample(self, name, changes):
        sample = (ROOT / "packaging" / name).read_text()
        for pattern, text in changes:
            sample, found = re.subn(pattern, text, sample)
            self.assertGreater(found, 0, f"{pattern} is not in the sample")
        return sample

    def answers(self):
        try:
            return self.ask("GET", "/api/v1/ping")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.secure, timeout=60, context=ssl._create_unverified_context()
        )
        try:
            connection.request(method, path, body, {"Host": HOST, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def socket(self, token):
        """A WebSocket to the notifications, as browsers open it: what the answer's head says, and the first message."""
        plain = socket.create_connection(("127.0.0.1", self.secure), 20)
        with ssl._create_unverified_context().wrap_socket(plain, server_hostname=HOST) as line:
            line.settimeout(20)
            key = base64.b64encode(os.urandom(16)).decode()
            head = f"GET /socket.io/?EIO=4&transport=websocket&accessToken={token} HTTP/1.1\r\nHost: {HOST}\r\n"
            head += f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            line.sendall((head + "Sec-WebSocket-Version: 13\r\n\r\n").encode())
            read = line.makefile("rb")
            answer = b"".join(iter(read.readline, b"\r\n")).decode()
            kind, length = read.read(2)
            if length == 126:
                length = int.from_bytes(read.read(2), "big")
            return answer, kind, read.read(length)

    def test_everything_goes_through(self):
        status, headers, page = self.ask("GET", "/")
        self.assertEqual(status, 200, page[:200])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/w/x", headers={"Host": HOST})
        answer = connection.getresponse()
        self.assertIn(answer.status, (301, 308))
        self.assertEqual(urllib.parse.urlsplit(answer.headers["Location"])._replace(netloc=HOST).geturl(), f"https://{HOST}/w/x")
        connection.close()

        # The visitor's address is the proxy's word, not the visitor's own.
        for made_up in ({}, {"X-Forwarded-For": "203.0.113.9"}):
            status, _, body = self.ask("GET", "/api/v1/server/debug", headers={**self.headers, **made_up})
            self.assertEqual((status, json.loads(body)["ip"]), (200, "127.0.0.1"))

        answer, kind, message = self.socket(self.server.token)
        self.assertTrue(answer.startswith("HTTP/1.1 101"), answer)
        # one whole text: the opening of Engine.IO
        self.assertEqual((kind, message[:1]), (0x81, b"0"))
        self.assertIn("sid", json.loads(message[1:]))

        clip = make_clip(self.folder / "clip.mp4", seconds=4, size="640x360")
        size = clip.stat().st_size
        fields = {"name": "through a proxy", "channelId": self.server.channel(), "filename": "clip.mp4", "privacy": 1}
        begin = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4", **self.headers}
        begin["Content-Type"] = "application/json"
        status, headers, body = self.ask("POST", "/api/v1/videos/upload-resumable", json.dumps(fields), begin)
        self.assertIn(status, (200, 201), body[:300])
        place = urllib.parse.urlsplit(headers["Location"])
        place = f"{place.path}?{place.query}"
        data, step = clip.read_bytes(), 40_000
        for start in range(0, size, step):
            piece = data[start : start + step]
            pace = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{size}", **self.headers}
            pace["Content-Type"] = "application/octet-stream"
            status, _, body = self.ask("PUT", place, piece, pace)
        self.assertEqual(status, 200, body[:300])
        uuid = json.loads(body)["video"]["uuid"]
        video = self.server.wait_published(uuid)
        file = video["streamingPlaylists"][0]["files"][0]
        path = urllib.parse.urlsplit(file["fileUrl"]).path
        status, headers, body = self.ask("GET", path, headers={"Range": "bytes=10-29"})
        self.assertEqual((status, len(body)), (206, 20))
        self.assertEqual(headers["Content-Range"], f"bytes 10-29/{file['size']}")
        status, headers, _ = self.ask("HEAD", path)
        self.assertEqual((status, headers["Content-Length"]), (200, str(file["size"])))


class NginxTest(ProxyTest, unittest.TestCase):
    def start(self, certificate, key):
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not Path(nginx).exists():
            self.fail("nginx is not installed: scripts/setup.sh test")
        folder = self.folder
        sample = self.sample("nginx.conf", [
            (r"server 127\.0\.0\.1:9000;", f"server 127.0.0.1:{self.server.port};"),
            (r"listen 80;", f"listen 127.0.0.1:{self.port};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.secure} ssl http2;"),
            (r"(?m)^ *listen \[::\].*\n", ""),
            (r"/etc/letsencrypt/\S+/fullchain\.pem", str(certificate)),
            (r"/etc/letsencrypt/\S+/privkey\.pem", str(key)),
        ])
        (folder / "nginx.conf").write_text(
            f"pid {folder}/pid;\nerror_log {folder}/error.log;\ndaemon off;\nworker_processes 1;\nevents {{}}\nhttp {{\n"
            f"access_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f;\nuwsgi_temp_path {folder}/u;\nscgi_temp_path {folder}/s;\n{sample}\n}}\n"
        )
        # as root nginx gives its work to another user, who may not look into the folder
        user = ["-g", "user root;"] if os.getuid() == 0 else []
        return subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), *user])


@unittest.skipUnless(shutil.which("caddy"), "Caddy is not installed (Debian: caddy)")
class CaddyTest(ProxyTest, unittest.TestCase):
    def start(self, certificate, key):
        sample = self.sample("Caddyfile", [
            (r"reverse_proxy 127\.0\.0\.1:9000", f"reverse_proxy 127.0.0.1:{self.server.port}"),
            (r"(?m)^video\.example\.org \{", f"{HOST} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}"),
        ])
        ports = f"{{\n\tadmin off\n\thttp_port {self.port}\n\thttps_port {self.secure}\n\tdefault_sni {HOST}\n}}\n"
        (self.folder / "Caddyfile").write_text(ports + sample)
        log = open(self.folder / "caddy.log", "wb")
        self.addCleanup(log.close)
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]
        return subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)})


if __name__ == "__main__":
    unittest.main()
