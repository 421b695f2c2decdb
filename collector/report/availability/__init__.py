"""Who was up and when not."""
