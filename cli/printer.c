#include "printer.h"

#include "model/report_text.h"

#include <errno.h>

static void put(MgkPrinter *printer, const char *text)
{
    if (printer->failed)
        return;
    errno = 0;
    if (fputs(text, printer->stream) == EOF || fflush(printer->stream) == EOF) {
        printer->failed = TRUE;
        printer->error_number = errno ? errno : EIO;
    }
}

void mgk_printer_init(MgkPrinter *printer, MgkReportStyle style, FILE *stream)
{
    *printer = (MgkPrinter){.style = style, .stream = stream};
}

void mgk_printer_add(MgkPrinter *printer, const MgkReport *report, const MgkReportContext *context)
{
    static const char *const separators[MGK_N_REPORTS][2] = {
        [MGK_REPORT_TEXT] = {"", ""}, [MGK_REPORT_JSON] = {"[\n", ",\n"}, [MGK_REPORT_JSONL] = {"", ""}};
    g_autofree char *words = printer->style == MGK_REPORT_TEXT ? mgk_report_text(report, context) : NULL;
    g_autofree char *json = words ? NULL : mgk_report_json(report, context);
    g_autofree char *text = g_strconcat(separators[printer->style][printer->printed > 0], words ? words : json,
                                        printer->style == MGK_REPORT_JSONL ? "\n" : "", NULL);
    put(printer, text);
    printer->printed++;
}

void mgk_printer_end(MgkPrinter *printer)
{
    if (printer->style == MGK_REPORT_JSON)
        put(printer, printer->printed ? "\n]\n" : "[]\n");
}
