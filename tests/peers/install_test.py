"""The Debian package and `vidicon install`, as far as a machine without systemd running can show: the package unpacks,
the unit is one that systemd accepts, the socket is handed over, and SIGTERM loses no request."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from vidicon import BINARY, ROOT, PASSWORD, free_port, until


class InstallTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_the_command_writes_a_machine_and_takes_it_off(self):
        root = self.folder / "root"
        root.mkdir()
        install = [BINARY, "install", "https://video.example.org", "--root", str(root)]
        done = subprocess.run(install, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        settings = root / "etc/vidicon/vidicon.toml"
        check = [str(root / "usr/local/bin/vidicon"), "check-config", "--config", str(settings)]
        done = subprocess.run(check, capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "The settings are right.", done.stderr)
        done = subprocess.run([BINARY, "uninstall", "--root", str(root), "--purge"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path for path in root.rglob("*") if path.is_file()], [])

    def test_the_debian_package_unpacks(self):
        if not shutil.which("dpkg-deb"):
            self.skipTest("dpkg-deb is not here")
        out = self.folder / "out"
        quick = {**os.environ, "DEB_COMPRESSION": "none"}
        subprocess.run([str(ROOT / "scripts/deb.sh"), BINARY, str(out)], check=True, capture_output=True, env=quick)
        package = next(out.glob("vidicon_*.deb"))
        about = subprocess.run(["dpkg-deb", "--field", str(package)], check=True, capture_output=True, text=True).stdout
        self.assertIn("Depends: adduser, ffmpeg", about)
        tree = self.folder / "tree"
        subprocess.run(["dpkg-deb", "--extract", str(package), str(tree)], check=True)
        unit = (tree / "lib/systemd/system/vidicon.service").read_text()
        self.assertIn("ExecStart=/usr/bin/vidicon serve", unit)
        self.assertNotIn("vidicon.socket", unit)
        check = [str(tree / "usr/bin/vidicon"), "check-config", "--config", str(tree / "etc/vidicon/vidicon.toml")]
        self.assertEqual(subprocess.run(check, capture_output=True).returncode, 0)
        for script in ("postinst", "prerm", "postrm"):
            subprocess.run(["sh", "-n", str(ROOT / "packaging/debian" / script)], check=True)

    def serve(self, listener, notify):
        """The program as systemd starts it: with the open socket as file 3, and a place to tell that it is ready."""

        def hand_over():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ["LISTEN_PID"] = str(os.getpid())

        port = listener.getsockname()[1]
        # LISTEN_PID must be the pid of the program itself: a shell sets it and becomes the program.
        command = ["sh", "-c", 'export LISTEN_PID=$$; exec "$0" "$@"', BINARY, "serve"]
        command += ["--data-dir", str(self.folder / "data"), "--listen", f"127.0.0.1:{port}"]
        environment = {**os.environ, "LISTEN_FDS": "1", "NOTIFY_SOCKET": notify, "VIDICON_ROOT_PASSWORD": PASSWORD}
        return subprocess.Popen(
            command, env=environment, preexec_fn=hand_over, pass_fds=[3], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def test_nobody_is_refused_while_the_program_restarts(self):
        notify = str(self.folder / "notify")
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.bind(notify)
        told.settimeout(60)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        process = self.serve(listener, notify)
        self.addCleanup(lambda: process.kill())
        self.assertEqual(told.recv(100), b"READY=1")

        answers, failures, stop = [], [], threading.Event()

        def visit():
            while not stop.is_set():
                try:
                    with socket.create_connection(("127.0.0.1", port), 30) as connection:
                        connection.settimeout(30)
                        connection.sendall(b"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        answers.append(connection.recv(100).split(b"\r\n")[0])
                except OSError as error:
                    failures.append(error)
                time.sleep(0.01)

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        until("some answers", 30, lambda: len(answers) > 20)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(told.recv(100), b"STOPPING=1")
        process.wait(30)
        process = self.serve(listener, notify)
        self.assertEqual(told.recv(100), b"READY=1")
        before = len(answers)
        until("answers of the new process", 30, lambda: len(answers) > before + 20)
        stop.set()
        for visitor in visitors:
            visitor.join()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        self.assertEqual(failures, [])
        self.assertEqual({answer for answer in answers if answer}, {b"HTTP/1.1 200 OK"})
        empty = sum(1 for answer in answers if not answer)
        self.assertEqual(empty, 0)


if __name__ == "__main__":
    unittest.main()
