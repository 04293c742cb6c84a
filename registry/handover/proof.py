"""python3 proof.py PACKAGE.zip: checks every file and the audit chain of a package, with nothing but Python itself."""

import hashlib
import json
import sys
import zipfile

package = zipfile.ZipFile(sys.argv[1])
manifest = json.loads(package.read("manifest.json"))
for file in manifest["files"]:
    digest = hashlib.sha256()
    with package.open(file["path"]) as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != file["sha256"]:
        sys.exit(f"{file['path']} was changed")
last, length, chain = "0" * 64, 0, manifest["chain"]
for line in package.open("audit/chain.jsonl"):
    entry, length = json.loads(line), length + 1
    row = json.dumps([entry[name] for name in chain["columns"]], ensure_ascii=False, separators=(",", ":"))
    last = hashlib.sha256((last + row).encode()).hexdigest()
    if (entry["seq"], entry["hash"]) != (length, last):
        sys.exit(f"entry {length} of the audit chain was changed")
if (length, last) != (chain["length"], chain["head"]):
    sys.exit("the audit chain has another end than the manifest says")
print(f"sound: {len(manifest['files'])} files, {length} audit entries, head {last}")
