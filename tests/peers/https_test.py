"""HTTPS by itself against a real certificate authority of the ACME kind: Debian's Pebble, strict, with nonces refused
now and then. Issue by both kinds of check, take-up by a second node, renewal, and what is said when it fails."""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from vidicon import Server, free_port, fresh_database, until

NAME = "video.test"


def sign(folder, name, authority, extensions):
    request = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    request += ["-subj", f"/CN={name}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr"]
    subprocess.run(request, check=True, capture_output=True)
    Path(f"{folder}/{name}.ext").write_text(extensions)
    command = ["openssl", "x509", "-req", "-in", f"{folder}/{name}.csr", "-days", "5", "-out", f"{folder}/{name}.pem"]
    command += ["-CA", f"{folder}/{authority}.pem", "-CAkey", f"{folder}/{authority}.key", "-CAcreateserial"]
    subprocess.run([*command, "-extfile", f"{folder}/{name}.ext"], check=True, capture_output=True)


class Pebble:
    """The authority, with a name server that sends every name to this machine."""

    def __init__(self, test, http_port, tls_port):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.folder = folder = folder.name
        root = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "5"]
        root += ["-subj", "/CN=test root", "-keyout", f"{folder}/root.key", "-out", f"{folder}/root.pem"]
        subprocess.run(root, check=True, capture_output=True)
        sign(folder, "pebble", "root", "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        self.port, dns, manage = free_port(), free_port(), free_port()
        config = {
            "pebble": {
                "listenAddress": f"127.0.0.1:{self.port}",
                "managementListenAddress": f"127.0.0.1:{manage}",
                "certificate": f"{folder}/pebble.pem",
                "privateKey": f"{folder}/pebble.key",
                "httpPort": http_port,
                "tlsPort": tls_port,
                "ocspResponderURL": "",
                "certificateValidityPeriod": 120,
            }
        }
        Path(f"{folder}/config.json").write_text(json.dumps(config))
        names = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]
        names += ["-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{free_port()}"]
        self.run(test, names)
        pebble = self.run(
            test,
            ["pebble", "-config", f"{folder}/config.json", "-dnsserver", f"127.0.0.1:{dns}", "-strict"],
            {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "5"},
        )
        try:
            until("pebble to answer", 60, lambda: pebble.poll() is None and _answers(self.port))
        except AssertionError as error:
            said = "\n".join(log.read_text(errors="replace")[-2000:] for log in sorted(Path(folder).glob("*.log")))
            raise AssertionError(f"{error}; it said:\n{said}") from None

    def run(self, test, command, environment=None):
        if not shutil.which(command[0]):
            test.fail(f"{command[0]} is not installed: scripts/setup.sh test")
        log = open(f"{self.folder}/{command[0]}.log", "wb")
        test.addCleanup(log.close)
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        test.addCleanup(process.wait)
        test.addCleanup(process.kill)
        return process


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def certificate(port):
    """The serial number, issuer and end of the certificate that is shown for the name, and the protocol."""
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        with context.wrap_socket(plain, server_hostname=NAME) as secured:
            der = secured.getpeercert(binary_form=True)
            protocol = secured.selected_alpn_protocol()
    pem = ssl.DER_cert_to_PEM_cert(der)
    command = ["openssl", "x509", "-noout", "-serial", "-issuer", "-ext", "subjectAltName"]
    said = subprocess.run(command, input=pem, capture_output=True, text=True, check=True).stdout
    return said, protocol


def slow_clients(port, tls_port):
    """Connections of those who say nothing, or begin to speak and never end: they must be closed from the other side."""
    lines = {what: socket.create_connection(("127.0.0.1", port), 5) for what in ("nothing", "a letter", "half a head")}
    lines["a letter"].sendall(b"G")
    lines["half a head"].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    lines["no handshake"] = socket.create_connection(("127.0.0.1", tls_port), 5)
    plain = socket.create_connection(("127.0.0.1", tls_port), 5)
    lines["nothing after the handshake"] = ssl._create_unverified_context().wrap_socket(plain, server_hostname=NAME)
    return lines


def plain_answer(port, path):
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")


class HttpsTest(unittest.TestCase):
    def node(self, pebble, challenge, http_port, tls_port, name="main", database=None, data=None):
        server = Server(
            data=data,
            database=database,
            environment={
                "VIDICON__SERVER__NODE": name,
                "VIDICON__TLS__MODE": "acme",
                "VIDICON__TLS__NAMES": f'["{NAME}", "www.{NAME}"]',
                "VIDICON__TLS__CHALLENGE": challenge,
                "VIDICON__TLS__DIRECTORY": f"https://localhost:{pebble.port}/dir",
                "VIDICON__TLS__DIRECTORY_CA": f"{pebble.folder}/root.pem",
                "VIDICON__TLS__LISTEN": f"127.0.0.1:{tls_port}",
                "VIDICON__TLS__HTTP_LISTEN": f"127.0.0.1:{http_port}",
                "VIDICON__TLS__EMAIL": "admin@example.org",
            },
        )
        self.addCleanup(server.close)
        return server.start()

    def issued(self, port, seconds=60):
        return until(
            "a certificate of the authority", seconds,
            lambda: (found := certificate(port)) and "Pebble" in found[0] and found,
            pause=0.3,
        )

    def test_a_certificate_is_got_by_both_kinds_of_check_and_renewed(self):
        for challenge in ("http", "tls-alpn"):
            with self.subTest(challenge):
                http_port, tls_port = free_port(), free_port()
                pebble = Pebble(self, http_port, tls_port)
                server = self.node(pebble, challenge, http_port, tls_port)
                said, protocol = self.issued(tls_port)
                self.assertIn(f"DNS:{NAME}", said)
                self.assertIn(f"DNS:www.{NAME}", said)
                self.assertEqual(protocol, "h2")
                # the account with the authority is worth nothing to whoever has a copy of the database
                database = sqlite3.connect(server.data / "vidicon.db")
                kept = database.execute("SELECT value FROM setting WHERE name LIKE 'acme_account %'").fetchall()
                database.close()
                self.assertEqual([value[:8] for (value,) in kept], ['"sealed:'])
                if challenge == "http":
                    moved = plain_answer(http_port, "/w/abc?start=3")
                    self.assertTrue(moved.startswith("HTTP/1.1 30"), moved)
                    self.assertIn("/w/abc?start=3", moved)
                    self.assertIn("404", plain_answer(http_port, "/.well-known/acme-challenge/none").split("\r\n")[0])
                    # Two thirds of the two minutes of its life, then a push by the administrator's button.
                    server.log_in()
                    quiet = slow_clients(server.port, tls_port)
                    time.sleep(82)
                    for what, line in quiet.items():
                        self.addCleanup(line.close)
                        line.settimeout(1)
                        with self.subTest(what):
                            # an answer such as 408 may come before the end; a line that is still open raises
                            while line.recv(1000):
                                pass
                    server.api("POST", "/server/health/renew-certificate", 204)
                    until("a newer certificate", 60, lambda: certificate(tls_port)[0] != said, pause=0.5)
                    health = server.api("GET", "/server/health", 200).json()
                    part = next(it for it in health["findings"] if it["part"] == "certificate")
                    self.assertEqual(part["mood"], "good", part)

    def test_a_refusal_is_said_with_its_cause_and_the_site_stays_up(self):
        http_port, tls_port = free_port(), free_port()
        # The authority looks where nobody listens.
        pebble = Pebble(self, free_port(), free_port())
        server = self.node(pebble, "http", http_port, tls_port).log_in()

        def refused():
            health = server.api("GET", "/server/health", 200).json()
            part = next(it for it in health["findings"] if it["part"] == "certificate")
            return "could not see that the name is yours" in part["sentence"] and part

        part = until("the refusal to be said", 90, refused, pause=0.5)
        self.assertEqual((part["mood"], part["remedy"]), ("bad", "renew-certificate"))
        said, _ = certificate(tls_port)
        self.assertNotIn("Pebble", said)

    def test_a_certificate_of_ones_own_is_used(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "5"]
        root += ["-subj", "/CN=of our own", "-keyout", f"{folder.name}/root.key", "-out", f"{folder.name}/root.pem"]
        subprocess.run(root, check=True, capture_output=True)
        sign(folder.name, "own", "root", f"subjectAltName=DNS:{NAME}\n")
        tls_port = free_port()
        server = Server(
            environment={
                "VIDICON__TLS__MODE": "files",
                "VIDICON__TLS__CERTIFICATE": f"{folder.name}/own.pem",
                "VIDICON__TLS__KEY": f"{folder.name}/own.key",
                "VIDICON__TLS__LISTEN": f"127.0.0.1:{tls_port}",
                "VIDICON__TLS__HTTP_LISTEN": f"127.0.0.1:{free_port()}",
            }
        )
        self.addCleanup(server.close)
        server.start()
        self.assertIn("of our own", certificate(tls_port)[0])

    @unittest.skipUnless(os.environ.get("TEST_POSTGRES_URL"), "two nodes need PostgreSQL: tests/postgres.sh")
    def test_a_second_node_takes_the_certificate_up(self):
        database = fresh_database()
        http_port, first_port, second_port = free_port(), free_port(), free_port()
        pebble = Pebble(self, http_port, first_port)
        self.node(pebble, "http", http_port, first_port, "one", database)
        self.node(pebble, "http", free_port(), second_port, "two", database)
        first, _ = self.issued(first_port)
        second, _ = self.issued(second_port, 60)
        self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
