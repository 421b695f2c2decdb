"""Dashboards and alert rules for Grafana, made from the catalogue; what `collector dashboards export` writes."""
