"""Who is connected and measured: offices, BTS positions, the inventory itself."""
