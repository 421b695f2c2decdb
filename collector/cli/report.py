"""`collector report`: what lines, machines, offices and people have, what they lack, and what to do."""

from pathlib import Path
from typing import Any

import click

from collector.cli.app import App
from collector.cli.period import ALLOWED, SINCE, UNTIL
from collector.report.registry import REPORTS, ReportKind

FORMATS = ("table", "json", "csv", "xlsx", "html")

DRAWN = ("topology",)
"""reports that can be had as a drawing or a graph: svg, graphml"""

FORECAST = ("capacity links", "capacity servers")
"""reports whose forecasts can be stored, for dashboards"""

GROUPS = {
    "capacity": "Is there enough of it: lines, servers, power, ports, rings.",
    "coverage": "Who is connected, by what, and what is measured of it.",
}
"""the first words of reports that have two"""


class ReportGroup(click.Group):
    """Lists the reports by their whole names."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = ctx.command_path.partition(" report")[2].strip()
        listed = [
            (kind.name.removeprefix(own).strip(), kind.summary)
            for kind in REPORTS.values()
            if kind.name.startswith(own)
        ]
        if not own:
            listed.append(("all", self.commands["all"].get_short_help_str(100)))
        with formatter.section("Reports"):
            formatter.write_dl(listed)


@click.group(cls=ReportGroup)
def report() -> None:
    """Report capacity, coverage and availability, and what to do.

    Every report begins with a few figures and with what needs attention; its tables are sorted by urgency. It is about the
    last 30 days and the whole inventory unless told otherwise.

    \b
    Examples:
      collector report summary                                 one page for a director
      collector report capacity links district="Mai Chau"      lines of a district against their contracts
      collector report availability --since 2026-01-01 --until 2026-02-01
      collector report coverage mobile -o mobile.html --lang vi
      collector report all -o /srv/www/reports/                every report as a page, with an index
    """


def _options(kind: ReportKind | None) -> list[click.Parameter]:
    name = kind.name if kind else ""
    formats = [*(FORMATS if kind else FORMATS[1:]), *(("svg", "graphml") if name in DRAWN else ())]
    options: list[click.Parameter] = [
        click.Argument(["terms"], nargs=-1, metavar="[SELECT]..."),
        click.Option(
            ["--since"],
            default=SINCE,
            show_default=True,
            metavar="TIME",
            help=f"Where the period begins: so long before its end, or a time: {ALLOWED}.",
        ),
        click.Option(["--until"], default=UNTIL, show_default=True, metavar="TIME", help="Where the period ends."),
        click.Option(
            ["--format", "format_"],
            type=click.Choice(formats),
            help="What is written. [default: by the suffix of the file, else table]" if kind else "[default: html]",
        ),
        click.Option(
            ["--lang"], type=click.Choice(["en", "vi"]), help="English or Vietnamese. [default: by $LC_ALL or $LANG]"
        ),
        click.Option(
            ["-o", "--output"],
            type=click.Path(allow_dash=True),
            metavar="FILE" if kind else "FOLDER",
            required=kind is None,
            help="Where to, in place of standard output. As CSV a folder, FOLDER/, takes every table."
            if kind
            else "The folder for the files, one or more a report.",
        ),
        click.Option(
            ["--outlines"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="GEOJSON",
            help="Districts to draw behind the maps of pages.",
        ),
    ]
    if kind:
        options += [
            click.Option(["--table"], metavar="KEY", default="", help="As CSV: this table. [default: the first]"),
            click.Option(
                ["--rows"],
                type=click.IntRange(0),
                metavar="N",
                help="As table: the first N rows of each, 0 for all. [default: 50 on a terminal, else all]",
            ),
        ]
    if kind is None or name in FORECAST:
        options.append(
            click.Option(["--store", "keep"], is_flag=True, help="Store the forecasts too, for dashboards (cron).")
        )
    return options


def _command(kind: ReportKind) -> click.Command:
    @click.pass_obj
    def run(app: App, /, **asked: Any) -> None:
        from collector.cli.report_run import one

        one(app, kind, **asked)

    drawing = f"\n  collector report {kind.name} -o graph.svg" if kind.name in DRAWN else ""
    storing = f"\n  45 5 * * *  collector report {kind.name} --store > /dev/null" if kind.name in FORECAST else ""
    return click.Command(
        kind.name.split()[-1],
        callback=run,
        params=_options(kind),
        help=f"""{kind.summary}

SELECT names hosts: globs, role=, site=, district=, tag=, and !term to leave out.

Exit codes: 0 all well, 1 the store cannot be read, 2 usage, configuration, or a file cannot be written.

\b
Examples:
  collector report {kind.name}
  collector report {kind.name} district="Mai Chau" --since "3 months" --lang vi
  collector report {kind.name} -o report.xlsx{drawing}{storing}""",
    )


def _add(kind: ReportKind) -> None:
    first, _, second = kind.name.partition(" ")
    group: click.Group = report
    if second:
        known = report.commands.get(first)
        group = known if isinstance(known, click.Group) else ReportGroup(first)
        group.help = f"{GROUPS[first]}\n\n\b\nExample:\n  collector report {kind.name}"
        report.add_command(group)
    group.add_command(_command(kind))


for _kind in REPORTS.values():
    _add(_kind)


@click.pass_obj
def _run_all(app: App, /, **asked: Any) -> None:
    from collector.cli.report_run import every

    every(app, **asked)


report.add_command(
    click.Command(
        "all",
        callback=_run_all,
        params=_options(None),
        help="""Every report into a folder, as pages with an index.

What is not written as pages (--format) has no index.

Exit codes: 0 all well, 1 the store cannot be read, 2 usage, configuration, or a file cannot be written.

\b
Examples:
  collector report all -o /srv/www/reports/ --lang vi
  30 5 * * *  collector report all -o /srv/www/reports/ --store     in a crontab""",
    )
)
