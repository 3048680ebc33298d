/* printer.h - reports on standard output in the form asked for. */
#pragma once

#include "model/report_json.h"
#include "options.h"

#include <stdio.h>

typedef struct MgkPrinter {
    MgkReportStyle style;
    FILE *stream; /* borrowed */
    guint printed;
    gboolean failed; /* a write failed; *error_number tells why */
    int error_number;
} MgkPrinter;

void mgk_printer_init(MgkPrinter *printer, MgkReportStyle style, FILE *stream);
/* One report; flushed, so that a reader sees it at once. */
void mgk_printer_add(MgkPrinter *printer, const MgkReport *report, const MgkReportContext *context);
/* Closes what is open (the bracket of --report=json). */
void mgk_printer_end(MgkPrinter *printer);
