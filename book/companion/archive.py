"""The archive of a release: site, records, code and environment in one file, described for machines.

`make archive` writes `_build/anogen-VERSION.zip`. Its `ro-crate-metadata.json` is a Process Run Crate (one action for
each record), `codemeta.json` describes the software, `croissant/` the data sets, and `SHA256SUMS` lists every file.
Two archives of one commit are equal in bytes.
"""

import hashlib
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import anogen
from anogen.datasets.registry import DATASETS, DatasetInfo
from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.records import store, verify

Node = dict[str, Any]
FOLDERS = {
    "anogen": "The library.",
    "book": "The pages, the records and the machinery of the book.",
    "notebooks": "A folder for each chapter: the page, its experiments, figures and claims.",
    "site": "The built book.",
    "tests": "The tests.",
}
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
SOFTWARE = "codemeta.json"


def build(site: Path, target: Path) -> Path:
    """Write the archive of the present commit and of a built site; return its path.

    Raises
    ------
    InputError
        If the site is missing, or this is not a git clone.
    """
    root = require_checkout()
    if not (site / "index.html").is_file():
        raise InputError(f"{site} has no built book: run `make book` first")
    tracked = _git(root, "ls-files", "-z").split("\0")
    files = {name: (root / name).read_bytes() for name in tracked if name and (root / name).is_file()}
    files |= {f"site/{p.relative_to(site).as_posix()}": p.read_bytes() for p in site.rglob("*") if p.is_file()}
    when = int(_git(root, "log", "-1", "--format=%ct"))
    citation = yaml.safe_load(files["CITATION.cff"])
    described = {SOFTWARE: codemeta(citation, when)}
    described |= {f"croissant/{name}.json": croissant(info) for name, info in DATASETS.items()}
    described["ro-crate-metadata.json"] = crate(citation, when)
    files |= {name: json.dumps(node, indent=1, ensure_ascii=False).encode() for name, node in described.items()}
    files["SHA256SUMS"] = "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    _write(target, files, when)
    return target


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise InputError("an archive is made from a git clone, and git is not installed: install it") from None
    if done.returncode:
        raise InputError(f"an archive is made from a git clone: {done.stderr.strip()}")
    return done.stdout


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(target: Path, files: dict[str, bytes], when: int) -> None:
    """Write a zip file whose bytes depend on the files and the time of the commit alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{target.stem}/{name}", time.gmtime(when)[:6])
            info.external_attr = 0o100644 << 16
            info.compress_type = (
                zipfile.ZIP_STORED if name.endswith((".npz", ".png", ".webp")) else zipfile.ZIP_DEFLATED
            )
            archive.writestr(info, files[name])
    partial.replace(target)


# -- what the metadata say ---------------------------------------------------------------------------------------------


def _day(when: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(when))


def _people(entries: list[Node]) -> list[Node]:
    """Return the authors of a CITATION.cff entry in schema.org's terms."""
    return [
        {"@type": "Person", "givenName": entry["given-names"], "familyName": entry["family-names"]}
        if "family-names" in entry
        else {"@type": "Organization", "name": entry["name"]}
        for entry in entries
    ]


def _works(citation: Node) -> list[Node]:
    """Return the four sources in schema.org's terms."""
    kind = {"thesis": "Thesis", "article": "ScholarlyArticle"}
    return [
        {
            "@id": f"https://doi.org/{work['doi']}" if "doi" in work else f"#source-{i}",
            "@type": kind.get(work["type"], "Report"),
            "name": work["title"],
            "author": _people(work["authors"]),
            "datePublished": str(work["year"]),
        }
        for i, work in enumerate(citation["references"], start=1)
    ]


def codemeta(citation: Node, when: int) -> Node:
    """Return the CodeMeta 3.0 description of the software, from CITATION.cff."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "name": citation["title"],
        "description": citation["abstract"],
        "version": citation["version"],
        "dateModified": _day(when),
        "license": f"https://spdx.org/licenses/{citation['license']}",
        "keywords": citation["keywords"],
        "author": _people(citation["authors"]),
        "programmingLanguage": {"type": "ComputerLanguage", "name": "Python", "version": ">=3.11"},
        "referencePublication": _works(citation),
    }


def croissant(info: DatasetInfo) -> Node:
    """Return the Croissant 1.0 description of a data set: its files with their checksums."""
    folder, hashes = (info.download.addresses[0], info.download.hashes) if info.download else ("", {})
    distribution = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": f"{folder}{name}",
            "encodingFormat": "application/gzip",
            digest.partition(":")[0]: digest.partition(":")[2],
        }
        for name, digest in hashes.items()
    ]
    return {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
            "md5": "cr:md5",
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": info.name,
        "description": f"{info.description}. {info.variants[0].provenance}",
        "distribution": distribution,
    }


def crate(citation: Node, when: int) -> Node:
    """Return the Process Run Crate: the files, the software, and one action for each record."""
    graph = list(_run_nodes())
    data = {node["@id"] for node in graph if "File" in node["@type"]}
    actions = [{"@id": node["@id"]} for node in graph if node["@type"] == "CreateAction"]
    folders = [
        {"@id": f"{name}/", "@type": "Dataset", "name": name, "description": text} for name, text in FOLDERS.items()
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": citation["title"],
        "description": citation["abstract"],
        "version": citation["version"],
        "datePublished": _day(when),
        "license": {"@id": "https://spdx.org/licenses/MIT"},
        "author": {"@id": "#authors"},
        "conformsTo": {"@id": PROFILE},
        "citation": [{"@id": work["@id"]} for work in _works(citation)],
        "hasPart": [{"@id": id_} for id_ in sorted(data | {folder["@id"] for folder in folders} | {SOFTWARE})],
        "mentions": actions,
    }
    context = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", "name": "MIT License"},
        {"@id": "#authors", "@type": "Organization", "name": citation["authors"][0]["name"]},
        {
            "@id": SOFTWARE,
            "@type": ["File", "SoftwareSourceCode"],
            "name": "anogen",
            "description": "The software that made the records; see codemeta.json.",
            "version": anogen.__version__,
            "encodingFormat": "application/json",
            "programmingLanguage": "Python",
        },
    ]
    works = [work | {"author": "; ".join(_name(a) for a in work["author"])} for work in _works(citation)]
    terms = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]
    return {"@context": terms, "@graph": [*context, *works, *folders, *graph]}


def _name(author: Node) -> str:
    return author.get("name") or f"{author['givenName']} {author['familyName']}"


def _run_nodes() -> Iterator[Node]:
    """Yield the action, the two files and, once, the code and the data sets of every committed record."""
    root, seen = require_checkout(), set()
    for id_, experiment in verify.book().items():
        path = store.find_committed(experiment)
        if path is None:
            continue
        meta = store.read(path).meta
        module = type(experiment).__module__.replace(".", "/") + ".py"
        code = module if (root / module).is_file() else f"book/{module}"
        pair = [p.relative_to(root).as_posix() for p in (path, path.with_suffix(".json"))]
        required = (f"book/records/{text.partition(' ')[0]}.npz" for text in meta["inputs"].values())
        inputs = [name for name in required if (root / name).is_file()]  # not all are kept
        yield {
            "@id": f"#{id_}",
            "@type": "CreateAction",
            "name": f"Experiment {id_}",
            "description": f"Scale {meta['scale']}, seed {meta['seed']}, {meta['seconds']} s on {meta['platform']}.",
            "instrument": {"@id": code},
            "object": [{"@id": name} for name in [*inputs, *(f"#data-{name}" for name in meta["data"])]],
            "result": [{"@id": name} for name in pair],
            "endTime": meta["created"],
            "agent": {"@id": "#authors"},
            "actionStatus": "http://schema.org/CompletedActionStatus",
        }
        for name, format_ in zip(pair, ("application/zip", "application/json"), strict=True):
            data = (root / name).read_bytes()
            yield {
                "@id": name,
                "@type": "File",
                "name": name,
                "encodingFormat": format_,
                "contentSize": str(len(data)),
                "sha256": _sha256(data),
            }
        for name, entry in meta["data"].items():
            if f"#data-{name}" not in seen:
                seen.add(f"#data-{name}")
                text = f"{entry['provenance']} SHA-256 of the decoded arrays: {entry['sha256']}"
                yield {"@id": f"#data-{name}", "@type": "Dataset", "name": name, "description": text}
        if code not in seen:
            seen.add(code)
            yield {
                "@id": code,
                "@type": ["File", "SoftwareSourceCode"],
                "name": code,
                "programmingLanguage": "Python",
                "version": anogen.__version__,
                "encodingFormat": "text/x-python",
            }


if __name__ == "__main__":
    build_folder = require_checkout() / "_build"
    print(build(build_folder / "html", build_folder / f"anogen-{anogen.__version__}.zip"))  # noqa: T201
