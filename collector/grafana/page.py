"""The skeleton of a dashboard: variables that depend on each other, rows of panels on the grid, links to the others."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from collector.grafana.influxql import Source, chosen, tag_values
from collector.grafana.query import datasource

TAG = "collector"
ALL = ".*"
_COLUMNS = 24


class Page:
    """A dashboard under construction; panels go from left to right, and below where the line is full."""

    def __init__(self, uid: str, title: str, help: str, *, since: str = "now-6h", refresh: str = "1m") -> None:
        self._x = self._y = self._height = self._count = 0
        self._chain: list[str] = []
        others = dashboard.DashboardLink("Dashboards").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
        self.board = (
            dashboard.Dashboard(title)
            .uid(uid)
            .description(help)
            .tags([TAG])
            .timezone("browser")
            .time(since, "now")
            .refresh(refresh)
            .tooltip(models.DashboardCursorSync.CROSSHAIR)
            .link(others.as_dropdown(True).keep_time(True).include_vars(True))
        )

    def choose(
        self,
        source: Source,
        measurement: str,
        tag: str,
        *,
        name: str = "",
        within: Sequence[str] = (),
        everything: bool = True,
        chosen_first: Sequence[str] = (),
    ) -> "Page":
        """A variable with the values that a tag has, within those chosen in the variables before it.

        Args:
            name: of the variable, where it is not the tag's.
            within: conditions that never change.
            everything: whether "All" may be chosen.
            chosen_first: what is chosen until somebody chooses; nothing is all, or the first value.
        """
        name = name or tag
        where = [*within, *(chosen(each) for each in self._chain)]
        variable = (
            dashboard.QueryVariable(name)
            .label(name.capitalize())
            .datasource(datasource())
            .query(tag_values(source, measurement, tag, where))
            .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
            .sort(models.VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(everything)
        )
        if everything:
            variable.all_value(ALL)
        if chosen_first:
            variable.current(models.VariableOption(True, list(chosen_first), list(chosen_first)))
        elif everything:
            variable.current(models.VariableOption(True, ["All"], ["$__all"]))
        self.board.with_variable(variable)
        self._chain.append(name)
        return self

    def row(self, title: str) -> "Page":
        """A heading over the panels that follow."""
        self._wrap()
        heading = dashboard.Row(title).grid_pos(models.GridPos(h=1, w=_COLUMNS, x=0, y=self._y)).id(self._next())
        self.board.with_row(heading)
        self._y += 1
        return self

    def add(self, panel: Builder[models.Panel], width: int, height: int) -> "Page":
        """The next panel."""
        if self._x + width > _COLUMNS:
            self._wrap()
        place = models.GridPos(h=height, w=width, x=self._x, y=self._y)
        self.board.with_panel(_Placed(panel, place, self._next()))
        self._x += width
        self._height = max(self._height, height)
        return self

    def build(self) -> dict[str, Any]:
        """The dashboard as Grafana reads it."""
        return self.board.build().to_json()

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _wrap(self) -> None:
        self._y += self._height
        self._x = self._height = 0


class _Placed(Builder[models.Panel]):
    """A panel with its place and number."""

    def __init__(self, panel: Builder[models.Panel], place: models.GridPos, number: int) -> None:
        self._panel, self._place, self._number = panel, place, number

    def build(self) -> models.Panel:
        panel = self._panel.build()
        panel.grid_pos, panel.id_val = self._place, self._number
        return panel
