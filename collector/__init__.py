"""Polls devices over SNMP, turns every vendor's answer into one vocabulary, writes time series to a store."""
