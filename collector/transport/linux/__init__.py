"""What Linux says of itself in /proc and /sys, as rows: text in, rows out, wherever the text came from."""
