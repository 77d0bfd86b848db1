"""The page: every file of it as a name and its bytes. Nothing here touches the disk.

One static folder without a server: each page works from `file://`, and asks nobody for anything.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bench.evidence.record import Campaign
from bench.evidence.rows import rows as evidence_rows
from bench.evidence.strangers import clean, name
from bench.evidence.words import sentence
from bench.publish import calculator, captions, machines, tables
from bench.publish.charts import card
from bench.publish.charts.registry import Picture, picture, with_something_to_show
from bench.publish.run_pages import File, run_pages, templates
from bench.publish.story import Story
from bench.verdict.answer import Answer
from bench.verdict.causes.finding import Finding
from bench.verdict.explain import explain
from bench.verdict.headline import crossing_lines, headline, job_headline
from bench.verdict.knobs import knob_lines
from bench.verdict.published import KINDS
from bench.verdict.rows import option_rows, origin_lines
from bench.verdict.sentences import crossings_spoken, exam_spoken

PAGES = {
    "index.html": "Verdict",
    "runs.html": "Runs",
    "prices.html": "Prices",
    "method.html": "Method",
    "data.html": "Data",
}
ASSETS = ("page.css", "runs.js", "icon.svg")
ROWS_WITHOUT_SCRIPT = 50
MACHINES_MOST = 5
SOURCE = "https://github.com/certbench/certbench"


def files(story: Story, archive: bytes | None, url: str = "") -> Iterator[File]:
    """Every file of the page; `archive` holds the records for others, if it could be made.

    `url` is where the page will stand: a card needs the whole address of its picture.
    """
    shared = shared_by_all(story, archive) | {"url": url and url.rstrip("/") + "/"}
    with run_pages(story, shared) as pages:
        pictures = [picture(chart, story) for chart in with_something_to_show(story)]
        yield from _front(story, shared, pictures)
        yield "card.png", card.png(card.card(story))
        yield from _data(story, archive)
        for record in story.records:
            yield f"records/{record.id}.json", msgspec.json.encode(record) + b"\n"
        yield from pages


def _front(
    story: Story, shared: Mapping[str, object], pictures: Sequence[Picture]
) -> Iterator[File]:
    """The pages that the menu names, and what they show."""
    contexts = {
        "index.html": _index(story, pictures),
        "runs.html": _runs(story),
        "method.html": _drawn(pictures),
    }
    for page in PAGES:
        template = templates().get_template(page)
        yield page, template.render({**shared, **contexts.get(page, {}), "page": page}).encode()
    for asset in ASSETS:
        yield asset, templates().get_template(asset).render().encode()
    for drawn in pictures:
        yield f"charts/{drawn.name}.svg", drawn.light
        yield f"charts/{drawn.name}-dark.svg", drawn.dark


def shared_by_all(story: Story, archive: bytes | None) -> dict[str, object]:
    """What every page may use."""
    return {
        "pages": PAGES,
        "count": len(story.records),
        "machines": tables.machine_rows(story),
        "dates": captions.dates_spoken(story.records),
        "today": story.today.isoformat(),
        "prices": tables.price_rows(story),
        "refused": [clean(text, 300) for text in story.refused],
        "up": "",
        "archive": archive is not None,
        "archive_mb": f"{len(archive) / 1e6:.1f}" if archive else "",
    }


def _drawn(pictures: Sequence[Picture]) -> dict[str, object]:
    return {"pictures": {picture.name: picture for picture in pictures}}


def _calculator(story: Story) -> dict[str, object]:
    script = templates().get_template("calculator.js").render()
    first = story.answer.jobs[0] if story.answer else None
    return {
        "known": in_script(calculator.known(story)),
        "script": script,
        "script_hash": calculator.script_hash(script),
        "calculator_fields": calculator.LABELS,
        "kinds": KINDS,
        "first_answer": clean(job_headline(first), 1000) if first else "UNKNOWN: no record yet.",
    }


def _index(story: Story, pictures: Sequence[Picture]) -> dict[str, object]:
    answer = story.answer
    here = next(machine for machine in story.machines if machine.id == story.here)
    return {
        "verdict": clean(headline(answer), 1000) if answer else "No verdict yet.",
        "crossings": _crossings(answer) if answer else [],
        "cautions": [clean(line, 1000) for line in answer.cautions] if answer else [],
        "here": machines.facts(here),
        "here_given": story.given(here),
        "verdict_rows": tables.verdict_rows(story),
        "jobs": [
            {
                "task": name(report.task),
                "verdict": clean(job_headline(job), 1000),
                "options": list(map(tables.shown, option_rows(report))),
                "crossings": [clean(line, 1000) for line in crossings_spoken(report)],
                "origins": [clean(line, 600) for line in origin_lines([report], story.today)],
            }
            for job in (answer.jobs if answer else ())
            for report in [job.report]
        ],
        "explained": explain_rows(story),
        "exam": _exam(story),
        "unanswered": story.unanswered,
        "sides": tables.side_rows(story),
        **_drawn(pictures),
        **_calculator(story),
        "commands": [
            (story.names[machine.id], rerun(newest), any(r.task.source != "task" for r in own))
            for machine in story.machines
            for own in [[r for r in story.records if r.machine.id == machine.id]]
            for newest in [max((r.campaign for r in own), key=_id)]
        ][:MACHINES_MOST],
        "source": SOURCE,
    }


def _crossings(answer: Answer) -> list[str]:
    """From which length on a place is sooner, and at which value of a knob the advice changes."""
    return [clean(line, 1000) for line in (*crossing_lines(answer), *knob_lines(answer))]


def explain_rows(story: Story) -> list[dict[str, object]]:
    """Of each task and environment of the verdict's machine: why it is as slow, what to try."""
    return [
        {
            "title": name(one.title),
            "sentence": clean(one.sentence, 300),
            "findings": [_finding(finding) for finding in one.findings],
        }
        for one in explain(story.records, story.here)
    ]


def _finding(found: Finding) -> dict[str, object]:
    return {
        "says": clean(found.says, 200),
        "size": found.size,
        "evidence": clean(sentence(found.evidence), 500),
        "measured": [clean(text, 200) for text in found.measured],
        "advice": clean(sentence(found.advice), 300),
        "command": clean(found.command, 300),
    }


def _id(campaign: Campaign) -> str:
    return campaign.id


def _exam(story: Story) -> str:
    if story.answer is None:
        return ""
    if story.answer.exam is not None:
        return exam_spoken(story.answer.exam)
    return f"Exam day: {clean(story.answer.no_exam or '', 300)}."


def rerun(campaign: Campaign) -> str:
    """The command that runs a campaign again, safe to paste whatever its names are."""
    words = ["certbench", "run"]
    for environment in campaign.environments:
        words += ["--env", clean(environment, 80)]
    for task in campaign.tasks:
        words += ["--task", clean(task, 80)]
    words += ["--repeats", str(campaign.rounds), "--seed", str(campaign.seed)]
    if campaign.epochs is not None:
        words += ["--epochs", str(campaign.epochs)]
    return shlex.join(words)


def _runs(story: Story) -> dict[str, object]:
    rows = tables.run_rows(story)
    gpus = {story.names[m.id]: clean(" ".join(m.gpus), 200) for m in story.machines}
    known = {"columns": tables.COLUMNS, "numbers": tables.NUMBERS, "gpus": gpus, "rows": rows}
    return {
        "columns": tables.COLUMNS,
        "numbers": tables.NUMBERS,
        "first": rows[:ROWS_WITHOUT_SCRIPT],
        "rows": in_script(known),
    }


def in_script(value: object) -> str:
    """JSON that cannot end the script element it stands in; given to the template as safe."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(story: Story, archive: bytes | None) -> Iterator[File]:
    rows = evidence_rows(story.records, story.marks)
    yield "data/runs.json", msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n"
    yield "data/runs.csv", tables.as_csv(rows)
    if archive is not None:
        yield "data/records.zip", archive
