"""Reports as files: pages, workbooks, JSON, CSV."""
