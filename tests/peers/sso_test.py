"""Log-in from elsewhere with other people's programs: npm's certified oidc-provider and samlp, and Debian's slapd."""

import html
import http.cookiejar
import json
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from vidicon import Server, free_port, until

HERE = Path(__file__).resolve().parent


class Browser:
    """Follows redirects, keeps cookies and fills forms in, as a browser without scripts does."""

    def __init__(self):
        self.jar = http.cookiejar.CookieJar(policy=http.cookiejar.DefaultCookiePolicy(strict_ns_domain=0))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            answer = self.opener.open(url, data, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        self.url, self.status, self.text = answer.url, answer.status, answer.read().decode(errors="replace")
        return self

    def submit(self, **fields):
        """Sends the only form of the page."""
        action = re.search(r'<form[^>]*action="([^"]*)"', self.text)
        if not action:
            raise AssertionError(f"no form on {self.url}: {self.text[:500]}")
        hidden = re.findall(r'<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', self.text)
        form = {name: html.unescape(value) for name, value in hidden}
        return self.open(urllib.parse.urljoin(self.url, html.unescape(action.group(1))), {**form, **fields})


class ProviderTest(unittest.TestCase):
    """A site and a provider of log-ins beside it."""

    def start_with(self, folder, *arguments):
        command = ["node", "provider.mjs", *map(str, arguments)]
        peer = subprocess.Popen(command, cwd=HERE / folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(peer.stdout.close)
        self.addCleanup(peer.wait)
        self.addCleanup(peer.kill)
        self.assertIn(b"ready", peer.stdout.readline())
        self.server.start()

    def me(self, browser):
        browser.open(f"{self.server.base}/api/v1/users/me")
        return json.loads(browser.text)


class OidcTest(ProviderTest):
    def start(self, client, secret):
        if not (HERE / "oidc/node_modules/oidc-provider").exists():
            self.fail("oidc-provider is not installed: scripts/setup.sh test")
        port = free_port()
        self.server = Server(
            environment={
                "VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES": "true",
                "VIDICON__SSO__WORK__URL": f"http://127.0.0.1:{port}",
                "VIDICON__SSO__WORK__LABEL": "Work",
                "VIDICON__SSO__WORK__CLIENT_ID": client,
                "VIDICON__SSO__WORK__SECRET": secret,
                "VIDICON__SSO__WORK__GROUPS__STAFF__ROLE": "moderator",
                "VIDICON__LIMITS__LOGIN": "1000",
            }
        )
        self.addCleanup(self.server.close)
        redirect = f"{self.server.base}/sso/work/callback"
        self.start_with("oidc", port, redirect)

    def log_in(self, name):
        """A browser's whole way. The forms are the provider's own."""
        browser = Browser().open(f"{self.server.base}/sso/work?next=/my/logins")
        self.assertIn("/interaction/", browser.url, browser.text[:300])
        browser.submit(prompt="login", login=name, password="anything")
        browser.submit(prompt="consent")
        return browser

    def test_a_certified_provider_logs_people_in_and_they_are_found_again(self):
        self.start("vidicon", "a secret of both & of nobody else%")
        browser = self.log_in("ada")
        self.assertEqual(browser.url, f"{self.server.base}/my/logins", browser.text[:500])
        self.assertIn("Work", browser.text)
        me = self.me(browser)
        self.assertEqual((me["username"], me["email"], me["role"]["id"]), ("ada", "ada@example.org", 1))
        again = self.me(self.log_in("ada"))
        self.assertEqual(again["id"], me["id"])
        other = self.me(self.log_in("bob"))
        self.assertEqual((other["username"], other["role"]["id"], other["emailVerified"]), ("bob", 2, False))

    def test_the_secret_may_go_in_the_body(self):
        self.start("vidicon-post", "posted")
        self.assertEqual(self.me(self.log_in("ada"))["username"], "ada")

    def test_a_wrong_secret_is_said_and_lets_nobody_in(self):
        self.start("vidicon", "wrong")
        browser = self.log_in("ada")
        self.assertEqual(urllib.parse.urlsplit(browser.url).path, "/login")
        browser.open(f"{self.server.base}/api/v1/users/me")
        self.assertEqual(browser.status, 401)


class SamlTest(ProviderTest):
    def start(self, *more, trusted=None):
        if not (HERE / "saml/node_modules/samlp").exists():
            self.fail("samlp is not installed: scripts/setup.sh test")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name in ["idp", "other"]:
            command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
            command += ["-keyout", f"{folder.name}/{name}-key.pem", "-out", f"{folder.name}/{name}.pem"]
            subprocess.run(command, check=True, capture_output=True)
        port = free_port()
        self.server = Server(
            environment={
                "VIDICON__SSO__WORK__KIND": "saml",
                "VIDICON__SSO__WORK__URL": f"http://127.0.0.1:{port}/sso",
                "VIDICON__SSO__WORK__ENTITY_ID": "urn:work",
                "VIDICON__SSO__WORK__CERTIFICATE": f"{folder.name}/{trusted or 'idp'}.pem",
                "VIDICON__SSO__WORK__GROUPS__STAFF__ROLE": "moderator",
            }
        )
        self.addCleanup(self.server.close)
        keys = [f"{folder.name}/idp-key.pem", f"{folder.name}/idp.pem"]
        self.start_with("saml", port, f"{self.server.base}/sso/work/acs", *keys, *more)

    def log_in(self, name):
        browser = Browser().open(f"{self.server.base}/sso/work?next=/my/logins")
        return browser.submit(login=name).submit()

    def test_a_provider_logs_people_in_and_they_are_found_again(self):
        self.start()
        browser = self.log_in("ada")
        self.assertEqual(browser.url, f"{self.server.base}/my/logins", browser.text[:500])
        me = self.me(browser)
        self.assertEqual((me["username"], me["email"], me["role"]["id"]), ("ada", "ada@example.org", 1))
        self.assertEqual(me["account"]["displayName"], "Ada Lovelace & Co <x>")
        self.assertEqual(self.me(self.log_in("ada"))["id"], me["id"])
        self.assertEqual(self.me(self.log_in("bob"))["role"]["id"], 2)

    def test_the_whole_answer_may_be_signed_too(self):
        self.start("response")
        self.assertEqual(self.me(self.log_in("ada"))["username"], "ada")

    def test_another_certificate_lets_nobody_in(self):
        self.start(trusted="other")
        browser = self.log_in("ada")
        self.assertEqual(urllib.parse.urlsplit(browser.url).path, "/login")
        browser.open(f"{self.server.base}/api/v1/users/me")
        self.assertEqual(browser.status, 401)


SLAPD_CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw administrator
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=org" read by * none
"""

PEOPLE = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reads

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=ada,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
mail: ada@example.org
userPassword: analytical

dn: uid=b(ob)*,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: b(ob)*
cn: Bob
sn: Bob
mail: bob@example.org
userPassword: brackets

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: cn=staff,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: staff
member: uid=ada,ou=people,dc=example,dc=org
"""


class DirectoryTest(unittest.TestCase):
    def start(self, kind):
        slapd = shutil.which("slapd") or "/usr/sbin/slapd"
        if not Path(slapd).exists():
            self.fail("slapd is not installed: scripts/setup.sh test")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        folder = Path(folder.name)
        (folder / "data").mkdir()
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", str(folder / "ca-key.pem"), "-out", str(folder / "ca.pem"), "-days", "2", "-subj", "/CN=CA"]
        subprocess.run(command, check=True, capture_output=True)
        # rustls takes no certificate of an authority for that of a server, so there are two
        request = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
        request += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "request.pem")]
        subprocess.run(request, check=True, capture_output=True)
        (folder / "extensions").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        sign = ["openssl", "x509", "-req", "-in", str(folder / "request.pem"), "-CA", str(folder / "ca.pem")]
        sign += ["-CAkey", str(folder / "ca-key.pem"), "-CAcreateserial", "-days", "2", "-out", str(folder / "certificate.pem")]
        subprocess.run([*sign, "-extfile", str(folder / "extensions")], check=True, capture_output=True)
        (folder / "slapd.conf").write_text(SLAPD_CONF.format(folder=folder))
        (folder / "people.ldif").write_text(PEOPLE)
        plain, secure = free_port(), free_port()
        add = ["slapadd" if shutil.which("slapadd") else "/usr/sbin/slapadd", "-f", str(folder / "slapd.conf")]
        subprocess.run([*add, "-l", str(folder / "people.ldif")], check=True, capture_output=True)
        addresses = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{secure}"
        peer = subprocess.Popen(
            [slapd, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", addresses],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.addCleanup(peer.wait)
        self.addCleanup(peer.terminate)
        until("slapd to answer", 20, lambda: self.answers(plain))
        url = {"plain": f"ldap://127.0.0.1:{plain}", "tls": f"ldaps://localhost:{secure}", "starttls": f"ldap://localhost:{plain}"}
        settings = {
            "KIND": "ldap", "URL": url[kind], "BIND_DN": "cn=reader,dc=example,dc=org", "BIND_PASSWORD": "reads",
            "BASE_DN": "ou=people,dc=example,dc=org", "GROUP_BASE_DN": "ou=groups,dc=example,dc=org",
            "GROUPS__STAFF__ROLE": "moderator", "FILTER": "(&(objectClass=inetOrgPerson)(uid={login}))",
        }
        if kind != "plain":
            settings["CA"] = str(folder / "ca.pem")
        if kind == "starttls":
            settings["STARTTLS"] = "true"
        environment = {f"VIDICON__SSO__HOUSE__{key}": value for key, value in settings.items()}
        self.server = Server(environment={**environment, "VIDICON__LIMITS__LOGIN": "1000"})
        self.addCleanup(self.server.close)
        self.server.start()

    def answers(self, port):
        import socket

        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def test_people_of_a_real_directory_log_in(self):
        self.start("plain")
        me = self.server.log_in("ada", "analytical").api("GET", "/users/me", 200).json()
        self.assertEqual((me["username"], me["email"], me["role"]["id"]), ("ada", "ada@example.org", 1))
        self.assertEqual(me["account"]["displayName"], "Ada Lovelace")
        again = self.server.log_in("ada", "analytical").api("GET", "/users/me", 200).json()
        self.assertEqual(again["id"], me["id"])
        bob = self.server.log_in("b(ob)*", "brackets").api("GET", "/users/me", 200).json()
        self.assertEqual((bob["username"], bob["role"]["id"]), ("b_ob", 2))
        for name, password in [("ada", "wrong"), ("*", "analytical"), ("ada)(uid=*", "analytical"), ("nobody", "x")]:
            with self.assertRaises(AssertionError, msg=name):
                self.server.log_in(name, password)
        self.server.log_in()

    def test_the_way_to_the_directory_is_encrypted(self):
        for kind in ("tls", "starttls"):
            with self.subTest(kind):
                self.start(kind)
                self.server.log_in("ada", "analytical")


if __name__ == "__main__":
    unittest.main()
