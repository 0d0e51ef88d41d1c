"""`course`: running, checking and preparing the lessons. A command imports what it needs when it runs."""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option, Typer, echo

from course import finetuning, pretraining
from course.options import with_options
from course.tasks import TASKS

app = Typer(
    name="course",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Transformers by hand: run the lessons, check the set-up, fetch checkpoints, and take care of notebooks.",
)
kernels_app = Typer(no_args_is_help=True, help="Register the kernels course-cpu (sees no GPU) and course-gpu.")
colab_app = Typer(
    no_args_is_help=True,
    help="Write the set-up cell and badges for Colab, and check the course with Colab's versions.",
)
site_app = Typer(no_args_is_help=True, help="Build the website from the notebooks, and look at it.")
labs_app = Typer(
    no_args_is_help=True, help="Work on labs: build what students get, check it, start a new lab, and bundle labs."
)
app.add_typer(kernels_app, name="kernels")
app.add_typer(labs_app, name="labs")
app.add_typer(colab_app, name="colab")
app.add_typer(site_app, name="site")

# Not UnicodeError, which is a ValueError: what reads a file of the reader's says itself which one is not UTF-8.
USER_ERRORS = (ValueError, OSError)

CHOOSE = "You may not read or write it: change its permissions, or choose another place."
ADVICE = {
    errno.EACCES: CHOOSE,
    errno.EPERM: CHOOSE,
    errno.EROFS: "That disk cannot be written to: choose a folder elsewhere.",
    errno.ENOSPC: "The disk is full: free some space, or choose a folder on another disk.",
    errno.EDQUOT: "Your share of the disk is used up: free some space, or choose a folder on another disk.",
    errno.ENOTDIR: "A part of this path is a file, not a folder: choose another path.",
    errno.EISDIR: "This is a folder, but a file is needed: name the file.",
    errno.ENAMETOOLONG: "The name is too long: choose a shorter one.",
    errno.ENOENT: "Check the path.",
}
"""What to do when the system refuses something."""


def echo_json(content: Any) -> None:
    echo(json.dumps(content, indent=1, ensure_ascii=False))


@app.command()
def run(
    names: Annotated[
        list[str] | None, Argument(help="Numbers (02), names or paths of lessons; all lessons if left out.")
    ] = None,
    profile: Annotated[
        str | None, Option(help="auto, offline, cpu or gpu; overrides the profile in a notebook.")
    ] = None,
    kernel: Annotated[
        str, Option(help="python3, course-cpu, course-gpu or any other kernel that Jupyter knows.")
    ] = "python3",
    param: Annotated[list[str] | None, Option(metavar="K=V", help="Set a parameter; can be repeated.")] = None,
    out: Annotated[str, Option(help="The folder for executed notebooks, HTML and the report.")] = "build",
    report: Annotated[str | None, Option(help="The file for the report, if it is not OUT/report.json.")] = None,
    beside: Annotated[
        str | None, Option(metavar="REPORT", help="The report of another run, whose seconds are shown next to these.")
    ] = None,
    update: Annotated[bool, Option("--update", help="Write the outputs back into notebooks/.")] = False,
    strict: Annotated[bool, Option("--strict", help="Fail if a lesson exceeds its budget.")] = False,
    cut_network: Annotated[bool, Option("--cut-network", help="Run with the network really cut.")] = False,
) -> None:
    """Run lessons from top to bottom, and leave executed copies, HTML and a report in build/."""
    from course.run import parse_parameters, run_notebooks

    params = parse_parameters(param or [])
    if cut_network:
        from course.network import cut

        echo(cut(sys.argv[1:]))
    raise Exit(
        run_notebooks(
            names or [],
            profile=profile,
            kernel=kernel,
            params=params,
            out=out,
            report=report,
            beside=beside,
            update=update,
            strict=strict,
        )
    )


@app.command()
def doctor(as_json: Annotated[bool, Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check Python, packages, device, memory, disk and the Hub, and say what to do if something is wrong."""
    from helpers.doctor import examine

    findings = examine()
    if as_json:
        echo_json(findings)
    else:
        from rich.console import Console

        console = Console(soft_wrap=True, highlight=False)
        styles = {"OK": "green", "WARN": "yellow", "FAIL": "bold red"}
        for finding in findings:
            status = finding["status"]
            console.print(f"[{status}] ", style=styles[status], markup=False, end="")
            console.print(f"{finding['check']} {finding['detail']}", markup=False)
            if status != "OK" and finding["advice"]:
                console.print(f"       {finding['advice']}", markup=False)
    raise Exit(int(any(finding["status"] == "FAIL" for finding in findings)))


@kernels_app.command("install")
def kernels_install(
    user: Annotated[bool, Option("--user", help="Install for the user, not in this environment.")] = False,
) -> None:
    """Register course-cpu and course-gpu, both with the Python of this environment."""
    from course.kernels import install

    for folder in install(user=user):
        echo(f"installed {folder}")


@kernels_app.command("remove")
def kernels_remove() -> None:
    """Remove course-cpu and course-gpu again."""
    from course.kernels import remove

    for folder in remove() or ["nothing: neither kernel is installed"]:
        echo(f"removed {folder}")


@app.command()
def fetch(names: Annotated[list[str], Argument(help="bert, gpt2, minilm, smollm2 or all.")]) -> None:
    """Download checkpoints in advance, so that the lessons need no network later."""
    from helpers import checkpoints

    checkpoints.fetch(names)


@app.command()
def lint(
    paths: Annotated[list[str] | None, Argument(help="Notebooks, Markdown or Python files; all if left out.")] = None,
    fix: Annotated[bool, Option("--fix", help="Fix what needs no judgment.")] = False,
) -> None:
    """Check notebooks, links, Python files and spelling against the rules of the course."""
    from course.lint import report

    raise Exit(report(paths or [], fix=fix))


@app.command()
@with_options(pretraining.RECIPES)
def pretrain(
    architecture: Annotated[str, Argument(help="gpt2, bert or marian.")],
    corpus: Annotated[
        list[str],
        Option(help="A folder or archive of .txt files, or a Hub id; for marian pairs with a tab. Can be repeated."),
    ],
    out: Annotated[str, Option(help="The folder of the run, outside the repository.")],
    chosen: dict[str, Any],
    resume: Annotated[bool, Option("--resume", help="Continue the run in OUT.")] = False,
) -> None:
    """Pretrain a small model from scratch, as the bundled ones were. --resume continues a killed run."""
    if architecture not in pretraining.RECIPES:
        raise ValueError(f"The architecture must be gpt2, bert or marian, not {architecture!r}.")
    pretraining.pretrain(corpus, out, replace(pretraining.RECIPES[architecture], **chosen), resume=resume)


def _column(help: str, usual: str) -> Any:
    """An option that names a column; `usual` is the one to read without it."""
    return Option(metavar="COLUMN", help=help, show_default=usual)


@app.command()
@with_options({"": finetuning.Recipe()})
def finetune(
    data: Annotated[
        str,
        Option(
            help="A file, or what ships with the course: reviews (classification), entities (tokens), fairytales (qa, "
            "pairs). For classification also a Hub id."
        ),
    ],
    out: Annotated[str, Option(help="The folder for the model, which must be new or empty.")],
    chosen: dict[str, Any],
    task: Annotated[str, Option(metavar="|".join(TASKS), help="What the model learns; see above.")] = "classification",
    text: Annotated[str | None, _column("The column with the texts, or its number.", "text; tokens for tokens")] = None,
    label: Annotated[
        str | None, _column("The column with the labels, or its number.", "label; labels for tokens")
    ] = None,
    question: Annotated[str | None, _column("qa, pairs: the column with the questions.", "question")] = None,
    passage: Annotated[str | None, _column("qa, pairs: that with the texts.", "context for qa, else passage")] = None,
    answer: Annotated[str | None, _column("qa: the column with the answers.", "answer")] = None,
    encoding: Annotated[
        str | None,
        Option(help="The encoding of a file that is not UTF-8, like gb18030.", show_default="guessed, and reported"),
    ] = None,
    merge_labels: Annotated[
        bool, Option("--merge-labels", help="Treat labels that differ only in case or spaces as one.")
    ] = False,
    drop_missing: Annotated[
        bool,
        Option(
            "--drop-missing",
            help="Leave out rows without a text or a label, or with NA, nan, null, None; for qa, questions without an "
            "answer.",
        ),
    ] = False,
    checkpoint: Annotated[
        str, Option(help="bert (which model this is depends on the profile), a Hub id or a folder.")
    ] = "bert",
    resume: Annotated[bool, Option("--resume", help="Continue the run in OUT, with the same options.")] = False,
) -> None:
    """Fine-tune a checkpoint for a task. --resume continues a killed run.

    --task classification: a text gets a label. A CSV, TSV, JSON, JSON Lines or Parquet file with a text and a label.

    --task tokens: names in a sentence. A file with a word and its BIO label in each line and an empty line after each
    sentence, or JSON Lines with tokens and labels, both lists.

    --task qa: an answer is marked in a text. SQuAD's JSON, or a table with question, context, answer and, if you have
    it, start: the place of the answer's first character.

    --task pairs: a vector each for a question and for the passage that answers it. A table with question and passage.

    OUT then has the model with its card (README.md says how to load it; a classifier loads with
    pipeline("text-classification", model=OUT)), metrics.json, curve.png, for a classifier confusion.png, and a log for
    TensorBoard (tensorboard --logdir OUT). With --lora, OUT/adapter has the adapter, and the model has it merged.

    If the data lacks a split, it is cut from the training part, with equal texts in one split; for classification,
    stratified by label, and texts that are in two splits are found and named. A data file may be gzipped.
    """
    from helpers import tables

    reading = {"text": text, "label": label, "question": question, "passage": passage, "answer": answer}
    reading |= {"encoding": encoding, "merge_labels": merge_labels, "drop_missing": drop_missing}
    with tables.on_command_line():
        finetuning.finetune(data, out, checkpoint, finetuning.Recipe(**chosen), task=task, **reading, resume=resume)


@app.command()
def progress(
    as_json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
    reset: Annotated[bool, Option("--reset", help="Move the record aside and start over.")] = False,
) -> None:
    """Show which lessons you ran, which questions were right and which checks passed. It never leaves your machine."""
    from course import standing

    if reset:
        moved = standing.reset()
        echo(f"Moved {moved[0]} to {moved[1]}, so you start over." if moved else "Nothing has been recorded yet.")
    elif as_json:
        echo_json(standing.summary())
    else:
        from rich.console import Console

        standing.show(Console())


@colab_app.command("badges")
def colab_badges(
    repo: Annotated[str | None, Option(metavar="OWNER/NAME", help="The repository on GitHub.")] = None,
    branch: Annotated[str | None, Option(help="A branch: readers get what it holds when they open a lesson.")] = None,
    tag: Annotated[str | None, Option(help="A tag or a commit: readers always get the same.")] = None,
) -> None:
    """Write the set-up cell and the badge into every notebook, and store repository and tag in pyproject.toml."""
    from course.colab import BRANCH, configured, write_badges
    from course.places import course_root

    if branch and tag:
        raise ValueError("Give --branch or --tag, not both.")
    if branch and branch not in ("main", "master"):
        tag = BRANCH + branch
    root = course_root()
    changed = write_badges(root, repo, tag or branch)
    repository, at = configured(root)
    echo(f"{repository} at {at}: {len(changed)} notebooks changed")


@colab_app.command("check")
def colab_check(
    python: Annotated[
        str | None, Option(metavar="PROGRAM", help="The Python to use.", show_default="Colab's version, or this one")
    ] = None,
) -> None:
    """Run the set-up cell, explorers, lessons 00 to 04 and solved labs with Colab's versions, and print a table."""
    from course.colab_check import report
    from course.places import course_root

    raise Exit(report(course_root(), python))


OUT = Annotated[str, Option(help="The site's folder.", show_default="build/site")]


@site_app.command("build")
def site_build(out: OUT = "") -> None:
    """Make the website from the notebooks with their stored outputs; it opens from a disk as well as from a server."""
    from course import site
    from course.places import course_root

    root = course_root()
    made = site.build(root, Path(out).resolve() if out else root / "build" / "site")
    echo(f"wrote {made.folder}: {made.pages} pages, {made.megabytes:.1f} MB, in {made.seconds:.0f} s")
    echo(f"Open {made.folder / 'index.html'}, or type: course site serve")


@site_app.command("serve")
def site_serve(out: OUT = "", port: Annotated[int, Option(help="0 takes a free one.")] = 8000) -> None:
    """Serve the website that `course site build` made, to this machine alone."""
    from course import site
    from course.places import course_root

    folder = Path(out) if out else course_root() / "build" / "site"
    if not (folder / "index.html").is_file():
        raise ValueError(f"There is no site in {folder}. Type: course site build")
    site.serve(folder, port)


LABS = Annotated[
    list[str] | None, Argument(help="Names or numbers (lab02); if left out, all labs in COURSE_LABS or the course.")
]


@labs_app.command("build")
def labs_build(names: LABS = None) -> None:
    """Make what students get from solutions/NAME: labs/NAME/NAME.ipynb, and the data that its checks compare with."""
    from course import labs, places

    root = places.course_root()
    changed = labs.build(root, names or labs.own())
    for line in [f"wrote {labs.shown(path, root)}" for path in changed] or ["nothing has changed"]:
        echo(line)


@labs_app.command("check")
def labs_check(
    names: LABS = None,
    run: Annotated[
        bool, Option(help="Also run the solution, the untouched lab, and wrong and right answers, as `make test` does.")
    ] = True,
) -> None:
    """Compare labs/ and the gaps of lessons with their sources, and test checks and answers as `make test` does."""
    import time

    from course import gaps, labs, places
    from course.authoring import is_lesson

    root, bad = places.course_root(), 0
    for name in labs.names(root, names or labs.own(), gaps=True):
        began, line = time.monotonic(), ""
        problems = gaps.problems(root, name) if is_lesson(name) else labs.problems(root, name)
        if run and is_lesson(name):
            problems += labs.tried_problems(root, name)
        elif run and not problems:
            problems, score = labs.run_problems(root, name)
            line = f" (solution {score.points} points, both runs {time.monotonic() - began:.0f} s)"
            problems += labs.tried_problems(root, name)
        echo(f"[{'FAIL' if problems else 'OK'}] {name}{line}")
        for problem in problems:
            echo(f"       {problem}")
        bad += bool(problems)
    raise Exit(int(bad > 0))


@labs_app.command("new")
def labs_new(
    name: Annotated[str, Argument(help="Like lab20_my_topic.")],
    part: Annotated[str, Argument(help="The function that students write first, like mean_pooling.")] = "mean",
) -> None:
    """Make a new lab with one part and a written answer, ready to run (in COURSE_LABS, if that is set)."""
    from course import labs, places

    root = places.course_root()
    made = labs.new(root, name, part)
    for path in made:
        echo(f"wrote {labs.shown(path, root)}")
    echo(f"Edit {labs.shown(made[0], root)} and {labs.shown(made[1], root)}, then: course labs build {name}")


@labs_app.command("part")
def labs_part(
    name: Annotated[str, Argument(help="The lab's name or number (lab20).")],
    part: Annotated[str, Argument(help="The function that students write, like mean_pooling.")],
) -> None:
    """Add a part to a lab, as an example to edit: its three cells, its checks, a mistake and a few answers."""
    from course import labs, places

    root = places.course_root()
    for path in labs.add_part(root, name, part):
        echo(f"wrote {labs.shown(path, root)}")
    echo(f"Edit what is called {part} there, then: course labs build {name}")


@labs_app.command("bundle")
def labs_bundle(
    names: LABS = None,
    everything: Annotated[bool, Option("--all", help="Put all labs into one zip.")] = False,
    out: Annotated[str | None, Option(help="The zip file; build/NAME.zip if left out.")] = None,
) -> None:
    """Make a zip for students with labs, helpers and set-up, but no solution notebook, hidden seed or private data."""
    from course import labs, places

    if not names and not everything:
        raise ValueError("Name a lab, or give --all.")
    root = places.course_root()
    chosen = labs.names(root, names or labs.own())
    path = Path(out) if out else root / "build" / f"{chosen[0] if len(chosen) == 1 else 'labs'}.zip"
    made = labs.bundle(root, chosen, path)
    for file, size in made.sizes.items():
        echo(f"{size:>11,}  {file}")
    for file in made.left_out:
        echo(f"left out because git does not track it: {file}")
    echo("Students can read the inputs and outputs that the checks compare with, but no file contains a solution.")
    echo(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB): {', '.join(chosen)}")


@labs_app.command("zoo")
def labs_zoo(names: LABS = None) -> None:
    """Try the checks on the wrong and right answers in solutions/, and print how many they reject, name and accept."""
    from course import labs, places

    raise Exit(labs.report_zoo(places.course_root(), names or labs.own()))


@app.command()
def selfgrade(
    notebook: Annotated[str, Argument(help="Your copy of a lab: labs/NAME/NAME.ipynb.")],
    as_json: Annotated[bool, Option("--json", help="Print the points as JSON.")] = False,
) -> None:
    """Score your own lab on new inputs, part by part. Your code runs with your rights, without a sandbox."""
    from course.scoring import score, table

    result = score(notebook)
    if as_json:
        echo_json(result.as_dict())
    else:
        table(result)


DATA = Annotated[
    Path, Option(metavar="DIR", help="The folder of your class, with roster, gradebook and everything else.")
]
LAB = Annotated[str, Argument(help="A lab's name or number (lab02).")]
PRIVATE = 0o077  # umask: what is written about students is for its owner only


@app.command()
def grade(
    name: LAB,
    inbox: Annotated[Path, Option(metavar="DIR_OR_ZIP", help="What students handed in, as the LMS delivered it.")],
    data: DATA,
    workers: Annotated[
        int | None, Option(min=1, help="The number of processes on this machine.", show_default="cores - 1")
    ] = None,
    scheduler: Annotated[str | None, Option(metavar="tcp://HOST:PORT", help="Use a Dask cluster instead.")] = None,
    resume: Annotated[
        bool, Option("--resume", help="Continue the grading in DIR with its options; what is done stays done.")
    ] = False,
    timeout: Annotated[
        int | None, Option(min=10, help="Seconds for a submission; a cell gets a third of them.", show_default="600")
    ] = None,
    memory: Annotated[
        int | None, Option(min=256, metavar="MB", help="Memory for a submission.", show_default="4096")
    ] = None,
    due: Annotated[str | None, Option(metavar="TIME", help="When the lab was due, like 2026-11-30T23:59.")] = None,
    late_penalty: Annotated[
        float | None,
        Option(
            min=0, max=100, help="Percent of all points to take off for each started day after that.", show_default="0"
        ),
    ] = None,
    anonymous: Annotated[
        bool | None, Option("--anonymous", help="Show codes instead of names in Formgrader.", show_default="no")
    ] = None,
    seeds: Annotated[
        str | None, Option(help="class (the same hidden inputs for all) or per-student.", show_default="class")
    ] = None,
    unsafe: Annotated[
        bool,
        Option(
            "--unsafe-no-sandbox", help="Run the code with your rights, unprotected. Use this only for your own code."
        ),
    ] = False,
    student: Annotated[
        str | None, Option(metavar="ID", help="With --resume, run only this student's submission, even if it is done.")
    ] = None,
    public_seed: Annotated[
        bool, Option("--public-seed", help="Use hidden inputs that students can look up, to try it out.")
    ] = False,
) -> None:
    """Grade a class: rebuild every submission, run it in a sandbox, judge it outside, record it. docs/grading.md."""
    if seeds not in (None, "class", "per-student"):
        raise ValueError(f"--seeds is {seeds!r}, but it must be class or per-student.")
    from course.grading import grader

    os.umask(PRIVATE)
    raise Exit(
        grader.grade_class(
            name,
            inbox,
            data,
            workers=workers,
            scheduler=scheduler,
            resume=resume,
            unsafe=unsafe,
            student=student,
            public_seed=public_seed,
            timeout=timeout,
            memory_mb=memory,
            due=due,
            late_penalty=late_penalty,
            anonymous=anonymous,
            seeds=seeds,
        )
    )


@app.command()
def regrade(name: LAB, data: DATA) -> None:
    """Judge stored answers again after a check was corrected, without running anything, and list changed points."""
    from course.grading import grader

    os.umask(PRIVATE)
    changed = grader.regrade(name, data)
    why = {grader.STALE: "its questions changed, so grade it again", grader.NOT_JUDGED: "judging it took too much"}
    for student, part, before, after in changed:
        told = f"{before} stays: {why[after]}" if after in why else f"{before} -> {after}"
        echo(f"{student}  {part}  {told}")
    echo(f"{sum(after >= 0 for *_, after in changed)} marks changed")


@app.command()
def feedback(
    name: LAB,
    data: DATA,
    as_zip: Annotated[bool, Option("--zip", help="Also write a zip to upload in Moodle or Canvas.")] = False,
) -> None:
    """Write a page for every student with points, what the checks say and the marker's comments, but nothing hidden."""
    from course.grading.grader import feedback_pages, feedback_zip

    os.umask(PRIVATE)
    pages = feedback_pages(name, data)
    echo(f"wrote {len(pages)} pages to {data / 'feedback'}")
    if as_zip:
        path, left_out = feedback_zip(name, data, pages)
        for student in left_out:
            echo(f"left out: {student}: the file does not have the name that Moodle or Canvas gives it")
        echo(f"wrote {path}")


@app.command()
def export(
    name: LAB,
    data: DATA,
    format: Annotated[str, Option(help="csv, canvas or moodle.")] = "csv",
    out: Annotated[Path | None, Option(help="The file to write; NAME-FORMAT.csv in DIR if left out.")] = None,
) -> None:
    """Write the marks (points per part, status, what still waits, late penalty), or a file for Canvas or Moodle."""
    from course.grading.grader import export_marks

    os.umask(PRIVATE)
    path, left_out = export_marks(name, data, format, out)
    for student, why in left_out:
        echo(f"{'no final mark' if format == 'csv' else 'left out'}: {student}: {why}")
    echo(f"wrote {path}")


def main() -> None:
    """Run `course`. A mistake by the user gives one line and exit code 2 (COURSE_TRACEBACK=1: with a traceback)."""
    from helpers.runtime import print_anything

    print_anything()
    if folder := os.environ.get("COURSE_LABS"):
        os.environ["COURSE_LABS"] = os.path.abspath(os.path.expanduser(folder))  # kernels work in other folders
    try:
        app()
    except USER_ERRORS as error:
        if os.environ.get("COURSE_TRACEBACK") or isinstance(error, UnicodeError):
            raise
        print(f"Error: {told(error)}", file=sys.stderr)
        sys.exit(2)


def told(error: BaseException) -> str:
    """Return an error as one line. If the system refused something, name the file and say what to do."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    file = f"{error.filename2 or error.filename}: " if error.filename else ""
    advice = ADVICE.get(error.errno, "COURSE_TRACEBACK=1 shows where this happened.")
    return f"{file}{error.strerror}. {advice}"


if __name__ == "__main__":
    main()
