"""The benchmarks, one a file.

Each has `ABOUT`, a line; `measure(setting)`, which gives raw rows; `show(rows)`, which gives the text of
the result from those rows alone, so that it can be made again from what is committed.
"""
