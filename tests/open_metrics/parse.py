"""Reads OpenMetrics from standard input by the reference implementation of its text format; prints a JSON array per sample:
the name and type of its family, its own name, its labels and its value as
a text."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        print(json.dumps([family.name, family.type, sample.name, sample.labels, str(float(sample.value))]))
