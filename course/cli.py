"""`course`: running, checking and preparing the lessons. A command imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="course",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Transformers by hand: run the lessons, check the set-up, fetch checkpoints, look after notebooks.",
)
kernels_app = typer.Typer(no_args_is_help=True, help="Register the kernels course-cpu (sees no GPU) and course-gpu.")
colab_app = typer.Typer(no_args_is_help=True, help="The set-up cell and the badges for Colab.")
labs_app = typer.Typer(no_args_is_help=True, help="Labs: build what students get, check it, begin a new one, bundle.")
app.add_typer(kernels_app, name="kernels")
app.add_typer(labs_app, name="labs")
app.add_typer(colab_app, name="colab")

# Not UnicodeError, which is a ValueError: what reads a file of the reader's says itself which one is not UTF-8.
USER_ERRORS = (ValueError, OSError)


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Numbers (02), names or paths; all lessons if left out.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="auto, offline, cpu or gpu; wins over what a notebook says.")
    ] = None,
    kernel: Annotated[
        str, typer.Option(help="python3, course-cpu, course-gpu or any other that Jupyter knows.")
    ] = "python3",
    param: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="Set a parameter of the notebook; repeatable.")
    ] = None,
    out: Annotated[str, typer.Option(help="Where executed notebooks, HTML and the report go.")] = "build",
    report: Annotated[str | None, typer.Option(help="The report's file, if not OUT/report.json.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the outputs back into notebooks/.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail when a lesson goes over its budget.")] = False,
    cut_network: Annotated[bool, typer.Option("--cut-network", help="Run with the network really cut.")] = False,
) -> None:
    """Execute lessons from top to bottom; leave executed copies, HTML and a report in build/."""
    from course.run import parse_parameters, run_notebooks

    params = parse_parameters(param or [])
    if cut_network:
        from course.network import cut

        typer.echo(cut(sys.argv[1:]))
    raise typer.Exit(
        run_notebooks(
            names or [],
            profile=profile,
            kernel=kernel,
            params=params,
            out=out,
            report=report,
            update=update,
            strict=strict,
        )
    )


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look at Python, packages, device, memory, disk and the Hub, and say what to do where something is wrong."""
    from helpers.doctor import examine

    findings = examine()
    if as_json:
        import json

        typer.echo(json.dumps(findings, indent=1, ensure_ascii=False))
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
    raise typer.Exit(int(any(finding["status"] == "FAIL" for finding in findings)))


@kernels_app.command("install")
def kernels_install(
    user: Annotated[bool, typer.Option("--user", help="For the user, not in this environment.")] = False,
) -> None:
    """Register course-cpu and course-gpu, both with the Python of this environment."""
    from course.kernels import install

    for folder in install(user=user):
        typer.echo(f"installed {folder}")


@kernels_app.command("remove")
def kernels_remove() -> None:
    """Take course-cpu and course-gpu away again."""
    from course.kernels import remove

    for folder in remove() or ["nothing: neither kernel is installed"]:
        typer.echo(f"removed {folder}")


@app.command()
def fetch(names: Annotated[list[str], typer.Argument(help="bert, gpt2, minilm or all.")]) -> None:
    """Download checkpoints ahead, so that the lessons need no network later."""
    from helpers import checkpoints

    checkpoints.fetch(names)


@app.command()
def lint(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Notebooks, Markdown or Python files; everything if left out.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is mechanical.")] = False,
) -> None:
    """Check notebooks, links, Python files and spelling against the rules of the course."""
    from course.lint import report

    raise typer.Exit(report(paths or [], fix=fix))


@app.command()
def pretrain(
    architecture: Annotated[str, typer.Argument(help="gpt2 or bert.")],
    corpus: Annotated[str, typer.Option(help="A folder or archive of .txt files, or a Hub id.")],
    out: Annotated[str, typer.Option(help="The run's folder, outside the work tree.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT.")] = False,
    tokens: Annotated[int | None, typer.Option(min=1, help="Tokens read in the whole run, repeats counted.")] = None,
    width: Annotated[int | None, typer.Option(min=1)] = None,
    layers: Annotated[int | None, typer.Option(min=1)] = None,
    heads: Annotated[int | None, typer.Option(min=1)] = None,
    vocabulary: Annotated[int | None, typer.Option(min=257, help="Tokens; bytes are 256 of them.")] = None,
    context: Annotated[int | None, typer.Option(min=8, help="Tokens in a window.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Windows in an optimizer step.")] = None,
    held_out: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A book to validate on; repeatable.")
    ] = None,
    seed: Annotated[int | None, typer.Option()] = None,
) -> None:
    """Pretrain a small model from nothing, as the bundled ones were; a killed run goes on with --resume."""
    if architecture not in ("gpt2", "bert"):
        raise ValueError(f"The architecture is gpt2 or bert, not {architecture!r}.")
    from dataclasses import replace
    from math import gcd

    from course.pretraining import RECIPES
    from course.pretraining import pretrain as train

    given = {
        "width": width,
        "layers": layers,
        "heads": heads,
        "vocabulary": vocabulary,
        "context": context,
        "batch": batch,
        "tokens": tokens,
        "seed": seed,
        "held_out": tuple(held_out) if held_out else None,
    }
    recipe = replace(RECIPES[architecture], **{name: value for name, value in given.items() if value is not None})
    if recipe.width % recipe.heads:
        raise ValueError(f"--width {recipe.width} cannot be divided among --heads {recipe.heads}.")
    if recipe.batch % recipe.micro_batch:
        recipe = replace(recipe, micro_batch=gcd(recipe.batch, recipe.micro_batch))
    train(corpus, out, recipe, resume=resume)


@app.command()
def finetune(
    data: Annotated[
        str, typer.Option(help="reviews, a Hub id, or a CSV, TSV, JSON, JSON Lines or Parquet file, gzipped or not.")
    ],
    out: Annotated[str, typer.Option(help="The folder that the classifier goes to; it must not hold anything yet.")],
    text: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column with the texts, or its number.", show_default="text"),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column with the labels, or its number.", show_default="label"),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of a file that is not UTF-8, like gb18030.", show_default="guessed, and said")
    ] = None,
    merge_labels: Annotated[
        bool, typer.Option("--merge-labels", help="Labels that differ in case and spaces only are one.")
    ] = False,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help="Leave out rows without text or label, or with NA, nan, null, None.")
    ] = False,
    checkpoint: Annotated[
        str, typer.Option(help="What to start from: bert (depends on the profile), a Hub id or a folder.")
    ] = "bert",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT, with the same options.")] = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training texts.", show_default="3")] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Texts in a step, over all processes.", show_default="16")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-8, max=1, show_default="1e-4 up to 512 wide, 3e-5 for wider checkpoints")
    ] = None,
    max_length: Annotated[
        int | None,
        typer.Option(min=4, help="Tokens; longer texts are cut.", show_default="the checkpoint's, at most 512"),
    ] = None,
    precision: Annotated[
        str, typer.Option(help="auto, float32 or bfloat16; auto: bfloat16 where the processor has it.")
    ] = "auto",
    keep: Annotated[str, typer.Option(help="Which epoch's weights: best (macro-F1 on validation) or last.")] = "best",
    seed: Annotated[int, typer.Option(help="Of head, order and dropout; the splits stay the same.")] = 0,
) -> None:
    """Fine-tune a checkpoint into a text classifier; a killed run goes on with --resume.

    OUT then loads with pipeline("text-classification", model=OUT). It also has a model card (README.md), metrics.json,
    curve.png, confusion.png and a log for TensorBoard (tensorboard --logdir OUT).

    Splits that the data lacks are cut from its training part, stratified by label. Texts that stand in two
    splits are found and named.
    """
    for name, value, allowed in (
        ("precision", precision, ("auto", "float32", "bfloat16")),
        ("keep", keep, ("best", "last")),
    ):
        if value not in allowed:
            raise ValueError(f"--{name} is {value!r}; it can be {', '.join(allowed)}.")
    from course.finetuning import Recipe
    from course.finetuning import finetune as train
    from helpers import tables

    given = {
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "max_length": max_length,
        "precision": precision,
        "keep": keep,
        "seed": seed,
    }
    recipe = Recipe(**{name: value for name, value in given.items() if value is not None})
    with tables.on_command_line():
        train(
            data,
            out,
            checkpoint,
            recipe,
            text=text,
            label=label,
            encoding=encoding,
            merge_labels=merge_labels,
            drop_missing=drop_missing,
            resume=resume,
        )


@app.command()
def progress(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Move the record aside and begin anew.")] = False,
) -> None:
    """Show what you have done: lessons executed, questions right, checks passed. It never leaves this machine."""
    from helpers import progress as done

    if reset:
        moved = done.reset()
        typer.echo(f"Moved {moved[0]} to {moved[1]}: you begin anew." if moved else "Nothing is recorded yet.")
    elif as_json:
        import json

        typer.echo(json.dumps(done.summary(), indent=1, ensure_ascii=False))
    else:
        from rich.console import Console

        done.show(Console())


@colab_app.command("badges")
def colab_badges(
    repo: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="The repository on GitHub.")] = None,
    branch: Annotated[str | None, typer.Option(help="A branch: what it holds when somebody opens a lesson.")] = None,
    tag: Annotated[str | None, typer.Option(help="A tag or a commit: always the same.")] = None,
) -> None:
    """Write set-up cell and badge into every notebook, and remember repository and tag in pyproject.toml."""
    from course.colab import BRANCH, configured, write_badges
    from course.places import course_root

    if branch and tag:
        raise ValueError("Give --branch or --tag, not both.")
    if branch and branch not in ("main", "master"):
        tag = BRANCH + branch
    root = course_root()
    changed = write_badges(root, repo, tag or branch)
    repository, at = configured(root)
    typer.echo(f"{repository} at {at}: {len(changed)} notebooks changed")


@colab_app.command("check")
def colab_check(
    python: Annotated[
        str | None, typer.Option(metavar="PROGRAM", help="Which Python.", show_default="Colab's version, or this one")
    ] = None,
) -> None:
    """Run set-up cell, explorers, lessons 00 to 04 and the solved labs with Colab's versions; print a table."""
    from course.colab_check import report
    from course.places import course_root

    raise typer.Exit(report(course_root(), python))


LABS = Annotated[
    list[str] | None, typer.Argument(help="Names or numbers (lab02); if left out, all in COURSE_LABS or the course.")
]


@labs_app.command("build")
def labs_build(names: LABS = None) -> None:
    """Make from solutions/NAME what students get: labs/NAME/NAME.ipynb, and the data that its checks compare with."""
    from course import labs, places

    root = places.course_root()
    changed = labs.build(root, names or labs.own())
    for line in [f"wrote {labs.shown(path, root)}" for path in changed] or ["nothing has changed"]:
        typer.echo(line)


@labs_app.command("check")
def labs_check(
    names: LABS = None,
    run: Annotated[
        bool, typer.Option(help="Also execute: solution, untouched lab, wrong and right answers, as `make test` does.")
    ] = True,
) -> None:
    """Hold labs/ to its sources, and checks and answers to what `make test` asks of them."""
    import time

    from course import labs, places

    root, bad = places.course_root(), 0
    for name in labs.names(root, names or labs.own()):
        found, began = labs.problems(root, name), time.monotonic()
        line = ""
        if run and not found:
            found, score = labs.run_problems(root, name)
            line = f" (solution {score.points} points, both runs {time.monotonic() - began:.0f} s)"
            found += labs.tried_problems(root, name)
        typer.echo(f"[{'FAIL' if found else 'OK'}] {name}{line}")
        for problem in found:
            typer.echo(f"       {problem}")
        bad += bool(found)
    raise typer.Exit(int(bad > 0))


@labs_app.command("new")
def labs_new(
    name: Annotated[str, typer.Argument(help="Like lab05_my_topic.")],
    part: Annotated[str, typer.Argument(help="The function that students write first, like mean_pooling.")] = "mean",
) -> None:
    """Lay out a new lab with a part and a written answer, ready to run; in COURSE_LABS where that is set."""
    from course import labs, places

    root = places.course_root()
    made = labs.new(root, name, part)
    for path in made:
        typer.echo(f"wrote {labs.shown(path, root)}")
    typer.echo(f"Edit {labs.shown(made[0], root)} and {labs.shown(made[1], root)}, then: course labs build {name}")


@labs_app.command("part")
def labs_part(
    name: Annotated[str, typer.Argument(help="The lab's name or number (lab05).")],
    part: Annotated[str, typer.Argument(help="The function that students write, like mean_pooling.")],
) -> None:
    """Add a part to a lab: its three cells, its checks, a mistake and a few answers, an example to edit."""
    from course import labs, places

    root = places.course_root()
    for path in labs.add_part(root, name, part):
        typer.echo(f"wrote {labs.shown(path, root)}")
    typer.echo(f"Edit what is called {part} there, then: course labs build {name}")


@labs_app.command("bundle")
def labs_bundle(
    names: LABS = None,
    everything: Annotated[bool, typer.Option("--all", help="All labs in one zip.")] = False,
    out: Annotated[str | None, typer.Option(help="The zip; build/NAME.zip if left out.")] = None,
) -> None:
    """Make a zip for students: labs, helpers and set-up; no solution notebook, hidden seed or private data."""
    from course import labs, places

    if not names and not everything:
        raise ValueError("Name a lab, or say --all.")
    root = places.course_root()
    chosen = labs.names(root, names or labs.own())
    path = Path(out) if out else root / "build" / f"{chosen[0] if len(chosen) == 1 else 'labs'}.zip"
    made = labs.bundle(root, chosen, path)
    for file, size in made.sizes.items():
        typer.echo(f"{size:>11,}  {file}")
    for file in made.left_out:
        typer.echo(f"left out, since git does not track it: {file}")
    typer.echo("Students can read the inputs and outputs that the checks compare with; in no file of it is a solution.")
    typer.echo(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB): {', '.join(chosen)}")


@labs_app.command("zoo")
def labs_zoo(names: LABS = None) -> None:
    """Try the checks on the wrong and right answers in solutions/; print how many they reject, name and accept."""
    from course import labs, places

    raise typer.Exit(labs.report_zoo(places.course_root(), names or labs.own()))


@app.command()
def selfgrade(
    notebook: Annotated[str, typer.Argument(help="Your copy of a lab: labs/NAME/NAME.ipynb.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the points as JSON.")] = False,
) -> None:
    """Score your own lab on fresh inputs, part by part; your code runs as you, without a sandbox."""
    from course.scoring import score

    result = score(notebook)
    if as_json:
        import json

        typer.echo(json.dumps(result.as_dict(), indent=1, ensure_ascii=False))
        return
    from course.scoring import table

    table(result)


DATA = Annotated[Path, typer.Option(metavar="DIR", help="The folder of your class: roster, gradebook, everything.")]
LAB = Annotated[str, typer.Argument(help="A lab's name or number (lab02).")]
PRIVATE = 0o077  # umask: what is written about students is for its owner only


@app.command()
def grade(
    name: LAB,
    inbox: Annotated[Path, typer.Option(metavar="DIR_OR_ZIP", help="What students handed in, as the LMS gave it.")],
    data: DATA,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes on this machine.", show_default="cores - 1")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="A Dask cluster instead of this machine.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the grading in DIR and its options; what is done stays.")
    ] = False,
    timeout: Annotated[
        int | None, typer.Option(min=10, help="Seconds for a submission; a cell gets a third.", show_default="600")
    ] = None,
    memory: Annotated[
        int | None, typer.Option(min=256, metavar="MB", help="Memory of a submission.", show_default="4096")
    ] = None,
    due: Annotated[str | None, typer.Option(metavar="TIME", help="When it was due, like 2026-11-30T23:59.")] = None,
    late_penalty: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Per cent of all points for each started day after that.", show_default="0"),
    ] = None,
    anonymous: Annotated[
        bool | None, typer.Option("--anonymous", help="Formgrader shows codes instead of names.", show_default="no")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="class: the same hidden inputs for all; per-student.", show_default="class")
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run the code as you, unprotected: for your own only.")
    ] = False,
    student: Annotated[
        str | None, typer.Option(metavar="ID", help="Run this student's submission only, even if done; with --resume.")
    ] = None,
    public_seed: Annotated[
        bool, typer.Option("--public-seed", help="Hidden inputs that students can look up: to try it out.")
    ] = False,
) -> None:
    """Grade a class: every submission rebuilt, run in a sandbox, judged outside it, and recorded. docs/grading.md."""
    if seeds not in (None, "class", "per-student"):
        raise ValueError(f"--seeds is {seeds!r}; it can be class or per-student.")
    from course.grading import grader

    os.umask(PRIVATE)
    raise typer.Exit(
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
    """Judge stored answers again after a check was corrected, without running anything; print whose points change."""
    from course.grading import grader

    os.umask(PRIVATE)
    changed = grader.regrade(name, data)
    why = {grader.STALE: "its questions changed, grade it again", grader.NOT_JUDGED: "judging it took too much"}
    for student, part, before, after in changed:
        told = f"{before} stays: {why[after]}" if after in why else f"{before} -> {after}"
        typer.echo(f"{student}  {part}  {told}")
    typer.echo(f"{sum(after >= 0 for *_, after in changed)} marks changed")


@app.command()
def feedback(
    name: LAB,
    data: DATA,
    as_zip: Annotated[bool, typer.Option("--zip", help="Also one zip, to be uploaded in Moodle or Canvas.")] = False,
) -> None:
    """Write a page for every student: points, what the checks say, the marker's comments. Nothing hidden is in it."""
    from course.grading.grader import feedback_pages, feedback_zip

    os.umask(PRIVATE)
    pages = feedback_pages(name, data)
    typer.echo(f"wrote {len(pages)} pages to {data / 'feedback'}")
    if as_zip:
        path, left_out = feedback_zip(name, data, pages)
        for student in left_out:
            typer.echo(f"left out: {student}: the file did not have the name that Moodle or Canvas gives it")
        typer.echo(f"wrote {path}")


@app.command()
def export(
    name: LAB,
    data: DATA,
    format: Annotated[str, typer.Option(help="csv, canvas or moodle.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="The file; NAME-FORMAT.csv in DIR if left out.")] = None,
) -> None:
    """Write the marks: points per part, status, what still waits, late penalty; or what Canvas or Moodle import."""
    from course.grading.grader import export_marks

    os.umask(PRIVATE)
    path, left_out = export_marks(name, data, format, out)
    for student, why in left_out:
        typer.echo(f"{'no final mark' if format == 'csv' else 'left out'}: {student}: {why}")
    typer.echo(f"wrote {path}")


def main() -> None:
    """Run `course`. A mistake of the reader's is one line and exit code 2 (COURSE_TRACEBACK=1: with traceback)."""
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
    """An error in one line. What the system refuses has a file, and what to do about it."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    import errno

    file = f"{error.filename2 or error.filename}: " if error.filename else ""
    advice = {
        errno.EACCES: "You may not read or write it: change its permissions, or choose another place.",
        errno.EPERM: "You may not read or write it: change its permissions, or choose another place.",
        errno.EROFS: "That disk cannot be written: choose a folder elsewhere.",
        errno.ENOSPC: "The disk is full: free some space, or choose a folder on another disk.",
        errno.EDQUOT: "Your share of the disk is used up: free some space, or choose a folder on another disk.",
        errno.ENOTDIR: "A part of this path is a file, not a folder: choose another path.",
        errno.EISDIR: "This is a folder; a file is needed: name the file.",
        errno.ENAMETOOLONG: "The name is too long: choose a shorter one.",
        errno.ENOENT: "Check the path.",
    }.get(error.errno, "COURSE_TRACEBACK=1 shows where it happened.")
    return f"{file}{error.strerror}. {advice}"


if __name__ == "__main__":
    main()
