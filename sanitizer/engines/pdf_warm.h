/* pdf_warm.h - keeps poppler ready for workers that can open no file. */
#pragma once

/* Once, in the zygote: opens a document of our own and keeps it open for ever. Poppler's list of character maps lives
 * as long as its documents, and cannot be read again after lock-down: text in fonts that a file leaves out would be
 * missing. */
void mgk_pdf_warm(void);
