#!/usr/bin/env python3
"""Writes what the binary is made of as an SPDX 2.3 document: every crate of Cargo.lock that the program uses, with its
version, licence and checksum. usage: scripts/sbom.py [FILE]   (standard output)"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def used():
    """The packages that the program is made of, without those of tests and builds on other systems."""
    command = ["cargo", "tree", "--locked", "-p", "vidicon", "--edges", "normal,build", "--prefix", "none"]
    command += ["--format", "{p}|{l}", "--target", "all"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {}
    for line in lines:
        package, _, licence = line.removesuffix(" (*)").partition("|")
        name, version = package.split(" ")[:2]
        found[name, version.lstrip("v")] = licence.removesuffix(" (*)").strip()
    return found


def checksums():
    text = (ROOT / "Cargo.lock").read_text()
    blocks = re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"(?:\nsource = "[^"]+")?(?:\nchecksum = "([^"]+)")?', text)
    return {(name, version): checksum for name, version, checksum in blocks}


def document():
    sums, packages = checksums(), []
    for (name, version), licence in sorted(used().items()):
        packages.append(
            {
                "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{name}-{version}"),
                "name": name,
                "versionInfo": version,
                "downloadLocation": f"https://crates.io/crates/{name}/{version}" if sums.get((name, version)) else "NOASSERTION",
                "licenseDeclared": licence.replace("/", " OR ") or "NOASSERTION",
                "licenseConcluded": "NOASSERTION",
                "copyrightText": "NOASSERTION",
                "filesAnalyzed": False,
                **(
                    {"checksums": [{"algorithm": "SHA256", "checksumValue": sums[name, version]}]}
                    if sums.get((name, version))
                    else {}
                ),
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "purl",
                        "referenceLocator": f"pkg:cargo/{name}@{version}",
                    }
                ],
            }
        )
    version = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.M).group(1)
    root = f"SPDXRef-vidicon-{version}"
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"vidicon-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/vidicon-{version}-{hash_of(packages)}",
        "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: scripts/sbom.py"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": root},
            *(
                {"spdxElementId": root, "relationshipType": "CONTAINS", "relatedSpdxElement": package["SPDXID"]}
                for package in packages
                if package["SPDXID"] != root
            ),
        ],
    }


def hash_of(packages):
    import hashlib

    return hashlib.sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()[:16]


text = json.dumps(document(), indent=1)
if len(sys.argv) > 1:
    Path(sys.argv[1]).write_text(text + "\n")
else:
    print(text)
