"""Logging: to standard error only, as text or as JSON lines; nothing that a device says can forge a line."""

import json
import logging
import sys
import time


class TextFormatter(logging.Formatter):
    """`12:00:01 WARNING r1: no answer`, control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record.getMessage())
        text = f"{clock} {record.levelname} {message}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the record's `host` where it has one."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if host := getattr(record, "host", None):
            entry["host"] = str(host)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def set_up_logging(verbosity: int, *, as_json: bool) -> None:
    """Log to standard error: warnings by default, -v info, -vv debug, -q errors only."""
    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(
        verbosity, logging.DEBUG if verbosity > 1 else logging.CRITICAL
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logger = logging.getLogger("collector")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(level)
    logging.getLogger("inventory").handlers[:] = [handler]
