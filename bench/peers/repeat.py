"""Repeats Online Retail under new invoice numbers: `repeat.py IN.csv.zst OUT.csv.zst TIMES`.

Copy number c of an invoice 536365 is 536365 followed by c in two digits; a leading letter keeps
its place, so cancellations stay cancellations. Streams: memory does not grow with the file.
"""

import sys

import pyarrow as pa


def main():
    source, target, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if not 1 <= times <= 100:
        sys.exit("the number of copies has two digits: 1 to 100")
    with pa.output_stream(target, compression="zstd") as out:
        for copy in range(times):
            suffix = b"%02d," % copy
            with pa.input_stream(source, compression="zstd") as stream:
                write_copy(stream, out, suffix, with_header=copy == 0)


def write_copy(stream, out, suffix, with_header):
    """Writes one copy; no cell of this file holds a line break, so a line is a record."""
    header, rest = True, b""
    while block := stream.read(1 << 20):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if header:
            first = lines.pop(0)
            header = False
            if with_header:
                out.write(first + b"\n")
        out.write(b"".join(line.replace(b",", suffix, 1) + b"\n" for line in lines if line))
    if rest:
        out.write(rest.replace(b",", suffix, 1) + b"\n")


if __name__ == "__main__":
    main()
