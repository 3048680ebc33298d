#!/usr/bin/python3
"""dangerzone_steps.py IN.pdf OUT.pdf: the published steps of Dangerzone's conversion without OCR, by PyMuPDF: render each
page at 150 dpi, hand over raw RGB pixels, build a PDF page from them, save with compression. A peer for the benchmark."""
import sys

import fitz

source, result = fitz.open(sys.argv[1]), fitz.open()
for page in source:
    pixels = page.get_pixmap(dpi=150, alpha=False)
    raw = bytes(pixels.samples)  # what crosses between Dangerzone's two sandboxes
    again = fitz.Pixmap(fitz.csRGB, pixels.width, pixels.height, raw, False)
    again.set_dpi(150, 150)
    single = fitz.open('pdf', fitz.open('png', again.tobytes('png')).convert_to_pdf())
    result.insert_pdf(single)
result.save(sys.argv[2], deflate_images=True, deflate=True)
