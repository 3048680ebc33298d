/* pdf_warm.h - keeps poppler ready for workers that can open no file. */
#pragma once

/* Once, in the zygote: renders a document of our own with every family of fonts that a PDF may leave out, and keeps it
 * open for ever. Without it poppler forgets its tables with each document, and cannot read them again after lock-down:
 * text in fonts that are not embedded would be missing. */
void mgk_pdf_warm(void);
