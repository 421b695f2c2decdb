"""How full things are: lines, servers, power, ports, rings."""
