"""The Hub on this machine takes what the real client uploads, whole, and lists it."""

import pytest
from huggingface_hub import HfApi

from helpers.loopback import LoopbackHub


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlanguage: en\n---\n# A card\n")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 2000)  # no text
    (folder / "training_args.bin").write_bytes(b"left out")
    return folder


def test_an_upload_arrives_whole_and_is_listed(model, tmp_path):
    with LoopbackHub(tmp_path / "hub") as hub:
        api = HfApi(endpoint=hub.url, token="none")
        assert api.create_repo("me/classifier", private=True).repo_id == "me/classifier"
        commit = api.upload_folder(repo_id="me/classifier", folder_path=model, ignore_patterns="training_args.bin")
        assert "/me/classifier/" in str(commit)
        listed = {file.path: file.size for file in api.list_repo_tree("me/classifier")}
    assert listed == {name: (model / name).stat().st_size for name in ("README.md", "model.safetensors")}
    for name in listed:
        assert (tmp_path / "hub" / name).read_bytes() == (model / name).read_bytes()


def test_nobody_answers_when_it_is_closed_and_no_file_leaves_its_folder(model, tmp_path):
    with LoopbackHub(tmp_path / "hub") as hub:
        api = HfApi(endpoint=hub.url, token="none")
        api.upload_file(repo_id="me/x", path_or_fileobj=model / "README.md", path_in_repo="a/b/README.md")
    assert [file.name for file in (tmp_path / "hub").iterdir()] == ["README.md"]
    with pytest.raises(Exception, match=r"(?i)connect|refused"):
        api.list_repo_files("me/x")
