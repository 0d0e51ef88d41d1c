"""A bad network, a bad disk: for each fault the right model or one clear error, in a limited time.

Limits and the client's pauses are shortened here (`quick`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import hub as bad
import pytest
from hub import Hub, Proxy, broken_links, damaged_blobs, write_tiny
from huggingface_hub import close_session, constants, file_download
from huggingface_hub.utils import _http

from helpers import checkpoints, runtime

REPOSITORY = Path(__file__).resolve().parents[1]
GPT2, GIVEN = checkpoints.HUB_IDS["gpt2"], "ada/tiny"
LIST, FILE, ALL = "/api/models/*", "*/model.safetensors", "*"
LIMIT = 12.0  # seconds; a busy machine included


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Limits that a test can wait for."""
    clock = SimpleNamespace(**vars(time) | {"sleep": lambda seconds: time.sleep(seconds / 100)})
    limits = {"ANSWER_SECONDS": 1.0, "SOCKET_SECONDS": 0.4, "STALL_SECONDS": 1.5, "PARTING_SECONDS": 0.5, "CHUNK": 500}
    for module, values in (
        (checkpoints, limits),
        (constants, {"HF_HUB_ETAG_TIMEOUT": 0.2, "HF_HUB_DOWNLOAD_TIMEOUT": 0.2}),
        (file_download, {"_ETAG_RETRY_TIMEOUT": 0.2, "time": clock}),
        (_http, {"time": clock}),
    ):
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def newer(tmp_path_factory, tiny) -> Path:
    """The next commit: another configuration, and weights that say so."""
    folder = shutil.copytree(tiny, tmp_path_factory.mktemp("newer") / "tiny")
    config = json.loads((folder / "config.json").read_text()) | {"summary_type": "mean"}
    (folder / "config.json").write_text(json.dumps(config))
    weights = (tiny / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-2] + b"\x00\x3c")  # 1.0 in float16
    return folder


@dataclass
class Outcome:
    label: str  # "" if there was an error
    error: str
    printed: str
    tries: int


@pytest.fixture
def place(hub, tiny, newer, monkeypatch, capsys):
    """A Hub with both checkpoints, and all that a fault may need."""
    for repo in (GPT2, GIVEN):
        hub.add(repo, tiny)
    count = []
    honest = checkpoints._Fetching.start
    monkeypatch.setattr(checkpoints._Fetching, "start", lambda work: (count.append(1), honest(work)))

    def run(name: str, profile: str = "cpu", links: bool = True) -> Outcome:
        """Load `name`, in time; what is loaded is right, and the cache holds nothing that is not."""
        from safetensors.torch import load_file
        from transformers import AutoModelForCausalLM

        monkeypatch.setenv("COURSE_PROFILE", profile)
        capsys.readouterr()
        count.clear()
        began, error, label = time.monotonic(), "", ""
        try:
            loaded = checkpoints.load(name, AutoModelForCausalLM)
            label = loaded.label
        except checkpoints.DownloadError as failed:
            error = str(failed)
        assert time.monotonic() - began < LIMIT
        printed = capsys.readouterr().out
        assert "\n" not in error and printed.count("\n") == (error == "")
        if label in (GPT2, GIVEN):
            source = newer if loaded.model.config.summary_type == "mean" else tiny
            right = load_file(source / "model.safetensors")["transformer.ln_f.bias"].float()
            assert loaded.model.transformer.ln_f.bias.equal(right), "configuration and weights are of one commit"
            assert loaded.tokenizer.decode(loaded.tokenizer("he said hé")["input_ids"]) == "he said hé"
        if links:
            assert_clean(hub)
        return Outcome(label, error, printed, len(count))

    return SimpleNamespace(hub=hub, tiny=tiny, newer=newer, monkeypatch=monkeypatch, run=run)


def assert_clean(hub) -> None:
    """No file under a name that its content does not deserve, and nothing whole that is not right."""
    assert damaged_blobs(hub.cache) == broken_links(hub.cache) == []
    for hub_id in (GPT2, GIVEN):
        if folder := checkpoints.cached(hub_id):
            assert checkpoints.damaged_in(folder) == []


def assert_clear(message: str, tries: int, reason: str) -> None:
    """What was tried, how often, why it failed, and what to do now."""
    where = re.escape(os.environ["HF_ENDPOINT"])
    assert re.match(rf"tried {tries} time{'s' if tries > 1 else ''} at {where}; .*{reason}", message), message
    assert re.search(r"\. (Check|Choose|Look|Open|Wait|Free|Set) [^.]*[.:] ?", re.split(reason, message)[-1]), message


# --- the table of faults -------------------------------------------------------------------------


def spoil(path: str, fault, times: int | None = None, method: str = "*"):
    return lambda place: place.hub.spoil(path, fault, times, method)


def forced_push(keep_old: bool):
    """After the list of files was given, main moves on; the old commit stays or is gone."""

    def push(place):
        if not keep_old:
            place.hub.repositories.clear()
        place.hub.add(GIVEN, place.newer)

    return lambda place: place.hub.spoil(LIST, bad.after(lambda: push(place)), 1)


def name_server(lookup):
    def do(place):
        honest = socket.getaddrinfo
        place.monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
        place.monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *a, **k: lookup(place) if host == "hub.invalid" else honest(host, *a, **k),
        )

    return do


def no_such_name(place):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def hang(place):
    place.hub.stopped.wait(60)
    raise no_such_name(place)


def keep(count: int):
    return lambda answer: replace(answer, keep=count)


NOWHERE = "http://127.0.0.1:9/nowhere"
GATED = bad.status(403, X_Error_Code="GatedRepo")
FAULTS = [  # what happens, how; the reason that is given ("": the right model comes), after how many tries
    ("slow weights", spoil(FILE, bad.slow(1000)), "1 MB of model.safetensors did not arrive within 1.5 s", 1),
    ("all slow", spoil(ALL, bad.slow(100)), "the list of files did not arrive within 1 s", 1),
    ("not too slow", spoil(ALL, bad.slow(100_000)), "", 1),
    ("all silent", spoil(ALL, bad.silent), "was not reached .ReadTimeout", 1),
    ("silent weights", spoil(FILE, bad.silent, None, "GET"), "safetensors did not arrive (.ReadTim|within)", 1),
    ("no Hub", lambda place: place.hub.stop(), "was not reached .ConnectError: .*refused", 1),
    ("reset once", spoil(LIST, bad.reset, 1), "", 2),
    ("all reset", spoil(ALL, bad.reset), "was not reached .(ReadError|RemoteProtocolError)", 3),
    ("weights reset", spoil(FILE, bad.reset, method="GET"), "model.safetensors did not arrive", 3),
    ("weights reset once within", spoil(FILE, bad.reset_within(seed=3), 1, "GET"), "", 2),
    ("no such name", name_server(no_such_name), "was not reached .*not known", 1),
    ("name server hangs", name_server(hang), "the list of files did not arrive within 1 s", 1),
    ("401", spoil(LIST, bad.status(401)), "no public checkpoint .*401", 1),
    ("401 for weights", spoil(FILE, bad.status(401)), "refuses model.safetensors .*401", 1),
    ("403", spoil(LIST, bad.status(403)), "refuses the list of files .*403", 1),
    ("gated", spoil(ALL, GATED), "is gated", 1),
    ("gated weights", spoil(FILE, GATED), "is gated", 1),
    ("404", spoil(LIST, bad.status(404)), "no public checkpoint .*404", 1),
    ("404 for weights", spoil(FILE, bad.status(404)), "model.safetensors: .* status 404", 3),
    ("429, wait 1 s, once", spoil(LIST, bad.status(429, Retry_After="1"), 1), "", 2),
    ("429 for weights, once", spoil(FILE, bad.status(429, Retry_After="1"), 1, "GET"), "", 1),
    ("429, wait an hour", spoil(LIST, bad.status(429, Retry_After="3600")), "asks to wait 3600 s", 1),
    ("500 once", spoil(LIST, bad.status(500), 1), "", 2),
    ("503 for weights, once", spoil(FILE, bad.status(503), 1, "GET"), "", 2),
    ("503 always", spoil(FILE, bad.status(503)), "model.safetensors: .* status 503", 3),
    ("503 for all", spoil(ALL, bad.status(503)), "list of files: .* status 503", 3),
    ("redirect to nowhere", spoil(FILE, bad.redirect(NOWHERE), None, "GET"), "did not arrive .ConnectError", 1),
    ("redirect to itself", spoil(FILE, bad.redirect("#"), None, "GET"), "did not arrive .TooManyRedirects", 1),
    ("cut thrice", spoil(FILE, bad.cut(seed=2), 3, "GET"), "", 1),
    ("always cut, but bringing some", spoil(FILE, keep(1600), method="GET"), "", 1),
    ("wrong bytes once", spoil(FILE, bad.wrong_bytes, 1, "GET"), "", 2),
    ("wrong bytes in the config once", spoil("*/config.json", bad.wrong_bytes, 1, "GET"), "", 2),
    ("wrong bytes", spoil(FILE, bad.wrong_bytes, None, "GET"), "model.safetensors arrived damaged", 3),
    ("a login page", spoil(ALL, bad.html), "sent something other than the list of files", 3),
    ("a login page for weights", spoil(FILE, bad.html), "sent something other than model.safetensors", 3),
    ("other JSON", spoil(LIST, bad.json_of_another), "sent something other than the list of files", 3),
    ("a new commit meanwhile", forced_push(keep_old=True), "", 1),
    ("the commit vanishes meanwhile", forced_push(keep_old=False), "", 2),
]
FEW = ("slow weights", "no Hub", "name server hangs", "gated", "503 always", "wrong bytes", "a login page for weights")


def those(*names: str):
    rows = [pytest.param(*row[1:], id=row[0]) for row in FAULTS if not names or row[0] in names]
    return pytest.mark.parametrize(("do", "reason", "tries"), rows)


@those()
def test_the_network_fails(do, reason, tries, hub, place):
    do(place)
    got = place.run(GIVEN)
    assert got.tries == tries
    if not reason:
        assert got.label == GIVEN
        return
    assert_clear(got.error, tries, reason)
    if not hub.stopped.is_set() and os.environ["HF_ENDPOINT"] == hub.url:
        hub.heal()  # what the message says to do helps
        assert place.run(GIVEN).label == GIVEN


@those(*FEW)
def test_what_the_cache_holds_whole_serves_when_the_hub_cannot(do, reason, tries, hub, place):
    folder = checkpoints.fetch_from_hub(GIVEN)
    hub.add(GIVEN, place.newer)
    do(place)
    got = place.run(GIVEN)
    assert (got.label, got.tries) == (GIVEN, tries)
    assert re.search(f"from the cache: as you asked; tried .*{reason}", got.printed)
    assert (folder / "model.safetensors").is_file()


# --- the course's own names ----------------------------------------------------------------------


@those(*FEW)
def test_a_name_of_the_course_is_replaced_visibly(do, reason, tries, hub, place):
    do(place)
    got = place.run("gpt2", "gpu")
    assert (got.label, got.tries) == ("storybook-gpt2", tries)
    assert f"{GPT2} could not be fetched: tried {tries} time" in got.printed
    assert re.search(reason, got.printed)


@pytest.mark.parametrize("profile", ["offline", "cpu"])
def test_nobody_is_asked_for_what_ships_with_the_course(profile, hub, place):
    assert place.run("gpt2", profile).label == "storybook-gpt2"
    assert hub.log == []


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_a_fetched_gpt2_needs_nobody(profile, hub, place):
    checkpoints.fetch_from_hub(GPT2)
    hub.log.clear()
    got = place.run("gpt2", profile)
    assert (got.label, got.tries, hub.log) == (GPT2, 0, [])
    assert f"gpt2 → {GPT2}, 0.0 M parameters, from the cache: profile {profile}, and it was fetched" in got.printed


def test_masked_falls_back_to_storybook_bert(hub, place, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "gpu")
    hub.stop()
    assert checkpoints.load("masked").label == "storybook-bert"
    assert "google-bert/bert-base-uncased could not be fetched: tried 1 time" in capsys.readouterr().out


# --- several readers, and readers who stop -------------------------------------------------------


def reader(hub, before: str = "", **more: str) -> subprocess.Popen:
    """A process that imports everything, says so, waits for a line on its stdin and then fetches GIVEN."""
    code = f"""
{before}
import sys, huggingface_hub
huggingface_hub.HfApi, huggingface_hub.snapshot_download, huggingface_hub.get_session()
from helpers import checkpoints
checkpoints.STALL_SECONDS, checkpoints.ENOUGH, checkpoints.CHUNK, checkpoints.PARTING_SECONDS = 1.5, 3000, 500, 1.0
print("ready", flush=True)
sys.stdin.readline()
print(checkpoints.fetch_from_hub({GIVEN!r}))
"""
    keep = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    paths = {"HF_HOME": str(hub.cache.parent), "HF_ENDPOINT": hub.url, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=keep | paths | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background inherit "ignore"
    )


def go(*readers: subprocess.Popen) -> None:
    """Let them begin at the same moment."""
    assert {process.stdout.readline() for process in readers} == {"ready\n"}
    for process in readers:
        process.stdin.write("\n")
        process.stdin.flush()


@pytest.mark.parametrize(
    ("before", "transfers"),
    [("", 1), ("import fcntl; fcntl.flock = lambda *_: None", 2)],
    ids=["flock works", "flock does nothing"],  # as on Lustre, GPFS and some NFS mounts: it always succeeds
)
def test_two_readers_at_once(before, transfers, hub, place):
    hub.spoil(
        FILE, bad.slow(5000), method="GET"
    )  # it takes longer than a stall may, and the one that waits sees it come
    readers = [reader(hub, before) for _ in range(2)]
    go(*readers)
    answers = [process.communicate(timeout=60) for process in readers]
    assert [process.returncode for process in readers] == [0, 0], answers
    assert len({folder for folder, _ in answers}) == 1
    assert hub.asked("GET", FILE) == transfers
    assert_clean(hub)
    assert place.run(GIVEN).label == GIVEN


@pytest.mark.parametrize(("how", "rate"), [(signal.SIGINT, 20), (signal.SIGINT, 4000), (signal.SIGKILL, 20)])
def test_a_program_that_is_stopped(how, rate, hub, place):
    hub.spoil(FILE, bad.slow(rate), method="GET")
    process = reader(hub)
    go(process)
    deadline = time.monotonic() + 30
    while not hub.asked("GET", FILE) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(how)
    began = time.monotonic()
    _, complaint = process.communicate(timeout=30)
    assert time.monotonic() - began < checkpoints.PARTING_SECONDS + 5
    assert process.returncode in (-how, 130, 1)
    assert ("KeyboardInterrupt" in complaint) == (how == signal.SIGINT)
    if rate == 4000:
        assert not list(hub.cache.rglob("*.incomplete")), "it had the time to remove what it had"
    assert_clean(hub)
    assert checkpoints.cached(GIVEN) is None
    hub.heal()
    assert place.run(GIVEN).label == GIVEN


def test_a_try_that_was_given_up_ends_and_leaves_nothing(hub, place):
    hub.spoil(FILE, bad.slow(1000), method="GET")
    assert place.run(GIVEN).error
    deadline = time.monotonic() + 5
    while any(isinstance(thread, checkpoints._Fetching) for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not list(hub.cache.rglob("*.incomplete"))


# --- the cache -----------------------------------------------------------------------------------


def flipped(content: bytes) -> bytes:
    return content[:-1] + b"\x01"


DISKS = [
    ("vocab.json", "blob", None),
    ("model.safetensors", "blob", flipped),
    ("model.safetensors", "blob", lambda content: content[:9000]),
    ("config.json", "link", None),
    ("model.safetensors", "link", None),
    ("merges.txt", "link", None),
]


@pytest.mark.parametrize("gone", [False, True], ids=["Hub there", "Hub gone"])
@pytest.mark.parametrize(("name", "what", "change"), DISKS)
def test_the_cache_is_half_written(name, what, change, gone, hub, place):
    for hub_id in (GPT2, GIVEN):
        link = checkpoints.fetch_from_hub(hub_id) / name
        file = link.resolve() if what == "blob" else link
        content = file.read_bytes()
        file.unlink() if change is None else file.write_bytes(change(content))
    if gone:
        hub.stop()
        assert_clear(place.run(GIVEN, links=False).error, 1, "was not reached")
    else:
        assert place.run(GIVEN, links=False).label == GIVEN
    offline = place.run("gpt2", "cpu", links=False)
    assert offline.label == "storybook-gpt2"
    assert (f"in the cache {name} was damaged" in offline.printed) == (change is not None)
    assert checkpoints.cached(GPT2) is None


def test_a_cache_that_another_program_filled(hub, place):
    """Without the client's list: the links' names tell the hashes, the model's own files what must be there."""
    folder = checkpoints.fetch_from_hub(GPT2)
    shutil.rmtree(folder.parents[1] / "trees")
    place.monkeypatch.setattr("huggingface_hub._tree_cache._IN_MEMORY_TREE_CACHE", {})
    hub.stop()
    assert place.run("gpt2").label == GPT2
    blob = (folder / "model.safetensors").resolve()
    right = blob.read_bytes()
    blob.write_bytes(flipped(right))
    assert checkpoints.damaged_in(folder) == ["model.safetensors"]
    blob.write_bytes(right)
    index = {"weight_map": {"wte.weight": "model.safetensors", "wpe.weight": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert checkpoints.cached(GPT2) is None, "a part of the weights is missing"


def test_a_cache_without_links(hub, place):
    """Windows without developer mode: the client puts the files themselves into the snapshot."""
    place.monkeypatch.setattr(file_download, "are_symlinks_supported", lambda *_: False)
    folder = checkpoints.fetch_from_hub(GPT2)
    assert not any(file.is_symlink() for file in folder.iterdir())
    weights = folder / "model.safetensors"
    weights.write_bytes(flipped(weights.read_bytes()))
    assert "in the cache model.safetensors was damaged" in place.run("gpt2").printed
    assert not weights.exists()
    assert place.run("gpt2", "gpu").label == GPT2


def test_another_process_has_locked_a_file(hub, place):
    from filelock import FileLock

    digest = next(file.etag for file in hub.repositories["models", GIVEN, "main"].values() if file.sha256 and file.etag)
    lock = hub.cache / ".locks" / "models--ada--tiny" / f"{digest}.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        got = place.run(GIVEN)
    assert_clear(got.error, 1, "did not arrive within 1.5 s")
    assert "stop any other program that fetches it" in got.error
    assert place.run(GIVEN).label == GIVEN


# --- the disk: in a namespace of its own, because root may write to what is only marked as read-only ---

SCENES = """
import json, os, shutil, sys
from pathlib import Path
mount, cache, scene = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
os.environ["HF_HOME"] = str(mount / "hf")
from helpers import checkpoints

def mounted(options):
    os.system(f"mount -t tmpfs -o {options} none {mount}") and sys.exit(77)

def read_only():
    os.system(f"mount -o remount,ro {mount}") and sys.exit(77)

def run(name):
    try:
        where, folder = checkpoints._locate(name, None)  # load, without its imports
        assert checkpoints.damaged_in(Path(folder)) == [] and (Path(folder) / "model.safetensors").is_file()
        return f"{where.label} from {where.source}: {where.why}"
    except checkpoints.DownloadError as failed:
        return str(failed)

os.environ["COURSE_PROFILE"] = "gpu"
mounted("size=16k" if scene == "full" else "size=1m")
if scene in ("whole", "damaged"):
    shutil.copytree(cache, mount / "hf" / "hub", symlinks=True)
if scene == "damaged":
    for blob in mount.glob("hf/hub/models--*/blobs/*"):
        if len(blob.name) == 64:
            content = bytearray(blob.read_bytes()); content[-2] ^= 1; blob.write_bytes(content)
if scene != "full":
    read_only()
said = {"network": [run("gpt2"), run("ada/tiny")]}
if scene == "whole":
    os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"
    said["no network"] = [run("gpt2"), run("ada/tiny")]
    os.environ["HF_HUB_OFFLINE"] = "1"
    said["HF_HUB_OFFLINE"] = [run("gpt2"), run("ada/tiny")]
said["left"] = [file.name for file in mount.rglob("*.incomplete")]
print(json.dumps(said))
"""


def cannot(why: str) -> None:
    """Skip; but CI has to be able."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        ("full", "is full"),
        ("empty", "cannot be written .Read-only file system"),
        ("damaged", "cannot be written .Read-only file system"),
        ("whole", ""),
    ],
)
def test_a_disk_that_cannot_be_written(scene, reason, hub, place, tmp_path):
    """`whole` is a class room: a cache on a shared disk with everything in it, while the Hub has gone on."""
    if scene in ("whole", "damaged"):
        for hub_id in (GPT2, GIVEN):
            checkpoints.fetch_from_hub(hub_id)
    if scene == "whole":
        for hub_id in (GPT2, GIVEN):
            hub.add(hub_id, place.newer)
    (tmp_path / "disk").mkdir()
    command = ["unshare", "-rm", sys.executable, "-c", SCENES, str(tmp_path / "disk"), str(hub.cache), scene]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    except FileNotFoundError as error:
        cannot(str(error))
    if done.returncode == 77 or "unshare" in done.stderr:
        cannot(f"no namespace of one's own here ({done.stderr.strip()[-300:]})")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said.pop("left") == []
    if reason:
        gpt2, given = said["network"]
        assert gpt2.startswith("storybook-gpt2 from the course itself: ")
        assert_clear(gpt2.split("could not be fetched: ")[1], 1, reason)
        assert_clear(given, 1, reason)
        return
    why = {"network": "cannot be written", "no network": "was not reached", "HF_HUB_OFFLINE": "is set"}
    for part, (gpt2, given) in said.items():
        assert gpt2 == f"{GPT2} from the cache: profile gpu, and it was fetched before"
        assert re.match(f"{GIVEN} from the cache: as you asked; .*{why[part]}", given), "it may not be the newest"


# --- mirror, proxy, no network wanted ------------------------------------------------------------


def test_a_mirror_that_leaves_the_hashes_out_of_its_list(hub, place):
    hub.with_hashes = False
    assert place.run(GIVEN).label == GIVEN
    shutil.rmtree(hub.cache)
    hub.spoil(FILE, bad.wrong_bytes, method="GET")
    assert_clear(place.run(GIVEN).error, 3, "arrived damaged")


def test_a_mirror_whose_address_is_none(hub, place, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "hub.invalid")
    assert_clear(place.run(GIVEN).error, 1, "missing an 'http://' or 'https://'")


def test_nobody_is_asked_when_the_reader_says_so(hub, place, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    got = place.run("gpt2", "gpu")
    assert got.label == "storybook-gpt2" and "HF_HUB_OFFLINE is set" in got.printed
    assert re.search(r"HF_HUB_OFFLINE is set.*unset it and run: course fetch ada/tiny", place.run(GIVEN).error)
    assert hub.log == []
    monkeypatch.delenv("HF_HUB_OFFLINE")
    checkpoints.fetch_from_hub(GIVEN)
    hub.log.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert (place.run(GIVEN).label, hub.log) == (GIVEN, [])


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy(variable, hub, place, monkeypatch):
    with Proxy(hub.port) as proxy:
        monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
        monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setattr(runtime, "PROBE_SECONDS", 10.0)
        runtime.hub_answers.cache_clear()
        assert runtime.hub_answers(), "the probe goes the same way"
        assert place.run(GIVEN).label == GIVEN
        assert all(line.split()[1].startswith("http://hub.invalid/") for line in proxy.log) and len(proxy.log) > 12


def test_a_proxy_for_https(tmp_path, hub, place, monkeypatch):
    """The proxy sees nothing but the name of the host; the certificate is one that the reader trusts."""
    if shutil.which("openssl") is None:
        cannot("there is no openssl to make a certificate with")
    key, certificate, pem = (tmp_path / name for name in ("key", "certificate", "hub.pem"))
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hub.invalid"
    names = ["-addext", "subjectAltName=DNS:hub.invalid", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *options.split(), *names], check=True, capture_output=True)
    pem.write_text(certificate.read_text() + key.read_text())
    with Hub(pem) as secure, Proxy(secure.port) as proxy:
        secure.add(GIVEN, place.tiny)
        monkeypatch.setenv("HF_ENDPOINT", "https://hub.invalid")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        close_session()
        assert place.run(GIVEN).label == GIVEN
        assert proxy.log and all(line.startswith("CONNECT hub.invalid:443 ") for line in proxy.log)
        monkeypatch.delenv("SSL_CERT_FILE")
        close_session()
        shutil.rmtree(hub.cache)
        assert_clear(place.run(GIVEN).error, 1, "CERTIFICATE_VERIFY_FAILED")


def test_a_proxy_that_is_gone_is_named_without_its_password(hub, place, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("HTTP_PROXY", "http://ada:secret@127.0.0.1:9")
    got = place.run(GIVEN)
    assert_clear(got.error, 1, "through the proxy 127.0.0.1:9")
    assert "secret" not in got.error


# --- revisions -----------------------------------------------------------------------------------


def test_a_revision_of_what_is_not_on_the_hub(hub, place, monkeypatch):
    for profile in ("offline", "cpu"):
        monkeypatch.setenv("COURSE_PROFILE", profile)
        with pytest.raises(ValueError, match=r"revision='v2' makes sense only for a checkpoint on the Hub.*storybook"):
            checkpoints.load("gpt2", revision="v2")
        with pytest.raises(ValueError, match=r"makes sense only for a checkpoint on the Hub.*your folder"):
            checkpoints.tokenizer(str(place.tiny), revision="v2")
    monkeypatch.setenv("COURSE_PROFILE", "gpu")
    hub.add(GPT2, place.newer, revision="v2")
    assert checkpoints.load("gpt2", revision="v2").model.config.summary_type == "mean"
    hub.stop()
    assert checkpoints.load("gpt2", revision="v2").model.config.summary_type == "mean", "from the cache"
    monkeypatch.setenv("COURSE_PROFILE", "cpu")
    assert checkpoints.load("gpt2", revision="v2").model.config.summary_type == "mean", "it was fetched"
