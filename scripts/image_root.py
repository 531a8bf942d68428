#!/usr/bin/env python3
"""The root of an image: one program, the shared libraries it loads, and a list of it all.

    image_root.py PROGRAM VERSION EPOCH ROOT

PROGRAM is taken from build/release/bin, stripped of debugging symbols; ROOT is made. The list is an
SPDX 2.3 document, ROOT/usr/share/weir/PROGRAM.spdx.json: the Debian packages of the libraries with
their versions. Every file gets the time EPOCH.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

BINARIES = Path("build/release/bin")
USER = 10001
# What resolving names and checking certificates reads; the rest of /etc is not needed.
FILES = {
    "etc/passwd": f"root:x:0:0:root:/:/nologin\nweir:x:{USER}:{USER}:weir:/:/nologin\n",
    "etc/group": f"root:x:0:\nweir:x:{USER}:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    """The files that the dynamic linker loads, itself included."""
    listing = output_of("ldd", str(program))
    if "not found" in listing:
        raise SystemExit(f"{program} lacks libraries:\n{listing}")
    return [Path(found) for found in re.findall(r"(/\S+\.so[\w.+-]*)", listing)]


def package_of(library):
    """Debian's package of a file, which may be known under its path from before /usr was merged."""
    real = library.resolve()
    for name in (str(real), str(real).removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", name], check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise SystemExit(f"no package has {real}")


def copy(source, root):
    target = root / source.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source.resolve(), target)


def make_root(program, root):
    binary = root / "usr/bin" / program
    binary.parent.mkdir(parents=True)
    output_of("strip", "--strip-unneeded", "-o", str(binary), str(BINARIES / program))
    found = libraries(BINARIES / program)
    for library in found:
        copy(library, root)
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if CERTIFICATES.exists():
        copy(CERTIFICATES, root)
    licence = root / "usr/share/weir/LICENSE"
    licence.parent.mkdir(parents=True)
    shutil.copy("LICENSE", licence)
    return sorted({package_of(library) for library in found})


def spdx_package(name, version, licence):
    return {
        "SPDXID": f"SPDXRef-{re.sub(r'[^A-Za-z0-9.-]', '-', name)}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    }


def spdx_document(program, version, epoch, packages):
    described = [spdx_package(program, version, "Apache-2.0")]
    for package in packages:
        installed = output_of("dpkg-query", "-W", "-f", "${Version}", package)
        described.append(spdx_package(package, installed, "NOASSERTION"))
    digest = hashlib.sha256(json.dumps(described).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{program}-{version}",
        "documentNamespace": f"urn:weir:{program}:{digest}",
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: image_root.py"],
        },
        "packages": described,
        "relationships": [
            {"spdxElementId": described[0]["SPDXID"], "relationshipType": "DEPENDS_ON",
             "relatedSpdxElement": each["SPDXID"]} for each in described[1:]
        ] + [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
              "relatedSpdxElement": described[0]["SPDXID"]}],
    }


def main():
    program, version, epoch, root = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    packages = make_root(program, root)
    document = spdx_document(program, version, epoch, packages)
    listing = root / "usr/share/weir" / f"{program}.spdx.json"
    listing.write_text(json.dumps(document, indent=1), encoding="utf-8")
    for path in [root, *root.rglob("*")]:
        os.utime(path, (epoch, epoch), follow_symlinks=False)


if __name__ == "__main__":
    main()
