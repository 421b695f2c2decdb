"""Reports as one HTML file that needs nothing else.

page.py ── render(report, language): the whole page; contents.py ── the page that leads to those of all reports
├── table.py, line_chart.py, bar_chart.py, heat_map.py, site_map.py ── a section each; spark.py within tables
├── scale.py, projection.py, geojson.py ── axes, maps, the users' outlines
├── level.py, markup.py ── what is good or bad, to the eye; escaping
└── style.css, script.js ── put into the page; without the script everything can be read, but not sorted or filtered
"""

from collector.report.formats.html.geojson import GeoJSON, GeoJsonError, read_geojson
from collector.report.formats.html.page import render

__all__ = ["GeoJSON", "GeoJsonError", "read_geojson", "render"]
