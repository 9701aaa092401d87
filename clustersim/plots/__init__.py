"""Pictures of stored results and tables, in one style that colour-blind people can read.

Each module draws one kind of picture and has a function ``draw`` that writes it to a file; the
suffix of the file chooses between PNG, SVG and PDF.
"""
